import { execFileSync } from 'node:child_process';

/** The server's own limit, by default. */
export const MOST_CONNECTIONS = 1000;

/** As many at a time as wait to be accepted without being sent away. */
export const BATCH = 200;

/** 10 000, or what the machine's limit of open files allows to a process that has both ends of the server's connections. */
export function crowdSize(): number {
  const limit = process.platform === 'win32' ? Number.NaN : Number(execFileSync('sh', ['-c', 'ulimit -n']).toString());
  const files = Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit;
  return Math.max(BATCH, Math.min(10_000, files - MOST_CONNECTIONS - 500));
}

import { execFileSync } from 'node:child_process';

/** The server's own limit, by default. */
export const MAX_CONNECTIONS = 1000;

/** As many at a time as can wait to be accepted without being rejected. */
export const BATCH = 200;

/** Four times the limit, or what the limit on open files allows a process that holds both ends of the connections. */
export function crowdSize(): number {
  const limit = process.platform === 'win32' ? Number.NaN : Number(execFileSync('sh', ['-c', 'ulimit -n']).toString());
  const files = Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit;
  return Math.max(BATCH, Math.min(4 * MAX_CONNECTIONS, files - MAX_CONNECTIONS - 500));
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

let program: URL | undefined;

/** Stands for `lib/exporters/thread/location.ts` under Jest: the program of the sources as they are, without a build. */
export function threadProgram(): URL {
  program ??= bundle();
  return program;
}

/** Has another program run in threads, or the right one again. */
export function setThreadProgram(other: URL | undefined): void {
  program = other;
}

function bundle(): URL {
  const folder = mkdtempSync(join(tmpdir(), 'promark-thread-'));
  const file = join(folder, 'server-thread.cjs');
  execFileSync(process.execPath, [resolve(import.meta.dirname, '../scripts/bundle-thread.mjs'), file]);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return pathToFileURL(file);
}

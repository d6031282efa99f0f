import { pathToFileURL } from 'node:url';

let other: URL | undefined;

/**
 * Stands for `lib/exporters/thread/location.ts` under Jest: the program of the sources as they are, without a build
 * (scripts/jest-set-up.mjs).
 */
export function threadProgram(): URL {
  if (other !== undefined) return other;
  const { PROMARK_TEST_THREAD: made } = process.env;
  if (made === undefined) throw new Error('Jest has not made the program of the server thread: see its globalSetup.');
  return pathToFileURL(made);
}

/** Has another program run in threads, or the right one again. */
export function setThreadProgram(program: URL | undefined): void {
  other = program;
}

import { threadProgram } from '../lib/exporters/thread/start-thread.js';

const { locate } = threadProgram;

/** Has another program run in threads, or the right one again. */
export function setThreadProgram(program: URL | undefined): void {
  threadProgram.locate = program === undefined ? locate : () => program;
}

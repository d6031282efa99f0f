import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { threadProgram } from '../../lib/exporters/thread/start-thread.js';
import { writerProgram } from '../../lib/processes/start-writer-thread.js';
import { bundle, endWithTests, firstMatch, plainEnvironment, repository } from '../support/processes.js';

/** A program in a separate process, which imports the sources of this repository as `promark`. */
export interface Program {
  /** The first URL that it printed. */
  readonly url: string;
  readonly process: ChildProcess;
  /** Its output on stdout so far; all of it once it has ended. */
  printed(): string;
  /** Its output on stderr so far; all of it once it has ended. */
  complaints(): string;
  /** How the process ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Bundles programs into a folder from which they can be started. */
export async function buildPrograms(...files: string[]) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'promark-exporters-')));
  await bundle({
    // With what they load when a worker thread has metrics, which shares its modules with them.
    entryPoints: [...files, 'lib/threads.ts'].map((file) => join(repository, file)),
    entryNames: '[name]',
    splitting: true,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    alias: { promark: join(repository, 'lib/index.ts') },
  });
  // Next to the programs, where they look for the programs of their threads.
  for (const locate of [threadProgram.locate, threadProgram.locateLater, writerProgram.locate]) {
    await copyFile(locate(), join(folder, basename(locate().pathname)));
  }
  const path = (file: string) => join(folder, basename(file).replace(/\.ts$/, '.mjs'));
  return {
    /** Where a program is. */
    path,
    start: (file: string, env: NodeJS.ProcessEnv = {}) => start([process.execPath, path(file)], env),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Starts a command, and waits until it has printed a URL. Its complaints appear in the output of the tests unless `quiet`. */
export async function start(
  [command, ...args]: readonly string[],
  more: NodeJS.ProcessEnv = {},
  quiet = false,
): Promise<Program> {
  const child = spawn(command, args, { env: plainEnvironment(more), stdio: 'pipe' });
  let [printed, complaints] = ['', ''];
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
    if (!quiet) process.stderr.write(chunk);
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  endWithTests(child);
  const url = await firstMatch(child.stdout, /https?:\/\/\S+/);
  return { url, process: child, ended, printed: () => printed, complaints: () => complaints };
}

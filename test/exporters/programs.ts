import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { threadProgram } from '../thread-location.js';

const repository = resolve(import.meta.dirname, '../..');

/** A program in a process of its own, which imports the sources of this repository as `promark`. */
export interface Program {
  /** The first URL that it printed. */
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has complained of on stderr; all of it once it has ended. */
  complaints(): string;
  /** How the process ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Bundles programs into a folder, from where they can be started. */
export async function buildPrograms(...files: string[]) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'promark-exporters-')));
  // As deep as in the package, so that the server finds the program of its thread.
  const modules = join(folder, 'esm/lib/exporters/thread');
  const options = {
    entryPoints: files.map((file) => join(repository, file)),
    outdir: modules,
    outExtension: { '.js': '.mjs' },
    alias: { promark: join(repository, 'lib/index.ts') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  };
  // esbuild cannot be called in the process of Jest, whose typed arrays are not those that esbuild knows.
  const build = `require('esbuild').build(${JSON.stringify(options)})`;
  const run = promisify(execFile);
  await run(process.execPath, ['-e', build], { cwd: repository });
  await copyFile(threadProgram(), join(folder, 'server-thread.cjs'));
  return {
    start: (file: string, env: NodeJS.ProcessEnv = {}) =>
      start([process.execPath, join(modules, basename(file).replace(/\.ts$/, '.mjs'))], env),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Starts a command, and waits until it has printed a URL. */
export async function start([command, ...args]: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Program> {
  // Without what Jest adds for its own children.
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = { ...process.env, ...more };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
    process.stderr.write(chunk);
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  endWithTests(child);
  const url = await new Promise<string>((found, missing) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const match = /https?:\/\/\S+/.exec(printed);
      if (match) found(match[0]);
    });
    child.stdout.once('end', () => missing(new Error(`The program ended without a URL; it printed: ${printed}`)));
  });
  return { url, process: child, ended, complaints: () => complaints };
}

/** Jest may end this process while a test runs; its children must not outlive it. */
function endWithTests(child: ChildProcess): void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
}

import { type ChildProcess, execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

export const repository = resolve(import.meta.dirname, '../..');

/** The environment for a program, without what Jest adds for its own children. */
export function plainEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = { ...process.env, ...more };
  return env;
}

/** Kills a child when this process exits: Jest may end it during a test. */
export function endWithTests(child: ChildProcess): void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
}

/** Bundles programs with esbuild as ES modules for Node. */
export async function bundle(options: object): Promise<void> {
  const all = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error', ...options };
  // In a separate process: esbuild does not recognize Jest's typed arrays.
  const build = `require('esbuild').build(${JSON.stringify(all)})`;
  await promisify(execFile)(process.execPath, ['-e', build], { cwd: repository });
}

/** The address of a server as printed by programs, without a path. */
export const FIRST_URL = /http:\/\/[\d.]+:\d+/;

/** The first match in a stream, or its first group; rejects with the whole output if the stream ends without one. */
export function firstMatch(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    stream.on('data', (chunk) => {
      printed += chunk;
      const match = pattern.exec(printed);
      if (match !== null) resolve(match[1] ?? match[0]);
    });
    stream.once('end', () => reject(new Error(`${pattern} is not in the output:\n${printed}`)));
  });
}

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeBy, isExecutable, type Ruling, without } from '../support/required-programs.js';

const modules = resolve(import.meta.dirname, '../../node_modules');

/** A runtime that npm installs, as a package for each platform. */
export interface Runtime {
  readonly name: 'bun' | 'deno';
  /** The program in the package of a platform. */
  readonly program: string;
  /** Its arguments before the file to run. */
  readonly args: readonly string[];
}

const exe = process.platform === 'win32' ? '.exe' : '';

export const bun: Runtime = { name: 'bun', program: `bin/bun${exe}`, args: ['run'] };

/** With the permissions that a program that serves metrics needs, and no more. */
export const deno: Runtime = {
  name: 'deno',
  program: `deno${exe}`,
  args: [
    'run',
    '--no-prompt',
    '--no-remote',
    '--node-modules-dir=manual',
    '--allow-net=127.0.0.1,0.0.0.0,[::]',
    '--allow-env',
    '--allow-read',
  ],
};

/** Like `describe`, for tests that need a runtime; passes its command to the body. */
export function describeIn(runtime: Runtime, title: string, body: (command: readonly string[]) => void): void {
  const program = find(runtime);
  const rule: Ruling = program === undefined ? without(`no ${runtime.name} for this platform`) : { verdict: 'run' };
  describeBy(rule, title, () => body([program ?? runtime.name, ...runtime.args]));
}

/** npm installs the package for this platform only; it contains what its install script would link to. */
function find({ name, program }: Runtime): string | undefined {
  let platforms: Record<string, string> = {};
  try {
    platforms = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).optionalDependencies;
  } catch {
    // Not installed.
  }
  return Object.keys(platforms)
    .map((platform) => join(modules, platform, program))
    .find(isExecutable);
}

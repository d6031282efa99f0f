import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle as bundleProgram, repository } from '../support/processes.js';

const run = promisify(execFile);
const throttler = 'throttler';

/** The folder with the packages of each Nest. */
const packages = { 'Nest 11': 'test/nest-11/node_modules', 'Nest 12': 'node_modules' };

export type Nest = keyof typeof packages;

/** The versions of Nest that programs run on. */
export const nests = Object.keys(packages) as Nest[];

/** Runs programs of this folder in a separate process, without Jest. */
export interface Programs {
  /** Runs `name.program.ts` and returns its output. Rejects if it fails, or has not ended after two minutes. */
  run(name: string, nest: Nest): Promise<string>;
  remove(): Promise<void>;
}

export async function preparePrograms(): Promise<Programs> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'promark-programs-')));
  await Promise.all(nests.map((nest) => borrow(join(folder, nest, 'node_modules'), packages[nest])));
  return {
    async run(name, nest) {
      const program = await bundle(name, join(folder, nest));
      const { stdout } = await run(process.execPath, [program], { timeout: 120_000 });
      return stdout;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Not in the bundle, because there must be one copy of each. */
async function borrow(modules: string, nest: string): Promise<void> {
  const there = join(repository, nest, '@nestjs');
  const here = join(modules, '@nestjs');
  await mkdir(here, { recursive: true });
  for (const name of await readdir(there)) {
    if (name !== throttler) await symlink(join(there, name), join(here, name), 'junction');
  }
  // A copy: it imports the Nest next to it.
  await cp(join(repository, 'node_modules/@nestjs', throttler), join(here, throttler), { recursive: true });
  await symlink(join(repository, 'node_modules/rxjs'), join(modules, 'rxjs'), 'junction');
}

async function bundle(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await bundleProgram({
    entryPoints: [join(import.meta.dirname, `${name}.program.ts`)],
    outfile,
    tsconfig: join(repository, 'test/tsconfig.legacy.json'),
    external: ['@nestjs/*', 'rxjs'],
  });
  return outfile;
}

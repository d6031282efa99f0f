import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

export const repository = resolve(import.meta.dirname, '../..');

/** A folder of programs with the built package and its manifest, Hono, and nothing else from the repository. */
export interface Project {
  /** The path of a program. */
  file(name: string): string;
  remove(): Promise<void>;
}

/** Copies programs into a project of their own, as TypeScript. */
export async function projectOf(...programs: string[]): Promise<Project> {
  if (!existsSync(join(repository, 'dist/server-thread.cjs'))) {
    throw new Error('Other runtimes run the built package, and there is none: npm run build');
  }
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'promark-runtimes-')));
  const installed = join(folder, 'node_modules/promark');
  await mkdir(installed, { recursive: true });
  await symlink(join(repository, 'dist'), join(installed, 'dist'), 'junction');
  await cp(join(repository, 'package.json'), join(installed, 'package.json'));
  await symlink(join(repository, 'node_modules/hono'), join(folder, 'node_modules/hono'), 'junction');
  await cp(join(repository, 'samples/quickstart/package.json'), join(folder, 'package.json'));
  for (const program of programs) await cp(join(repository, program), join(folder, basename(program)));
  return { file: (name) => join(folder, name), remove: () => rm(folder, { recursive: true, force: true }) };
}

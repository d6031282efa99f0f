import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../support/until.js';

const repository = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A project in a temporary folder with only the packed package installed. */
export interface Project {
  /** The tarball that is installed. */
  tarball: string;
  folder: string;
  /** Makes packages from this repository's `node_modules` resolve in the project too: peers, compilers' types. */
  borrow(...packages: string[]): Promise<void>;
  /** Runs Node in the project and returns what it printed; rejects when it fails. */
  node(...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Copies the project in which Jest installs the package when a run begins (scripts/jest-pack.mjs). */
export async function installPacked(): Promise<Project> {
  const { PROMARK_TEST_PACKED: packed } = process.env;
  if (packed === undefined) throw new Error('Jest has not packed the package: see the globalSetup of this project.');
  const outcome = await until('the packed package', () => readFileSync(join(packed, 'outcome'), 'utf8') || undefined);
  if (outcome !== 'installed') throw new Error(outcome);
  const folder = await mkdtemp(join(packed, 'project-'));
  await cp(join(packed, 'installed'), folder, { recursive: true });
  return {
    tarball: join(packed, 'promark.tgz'),
    folder,
    borrow: async (...packages) => {
      for (const name of packages) {
        const link = join(folder, 'node_modules', name);
        await mkdir(dirname(link), { recursive: true });
        if (!existsSync(link)) await symlink(join(repository, 'node_modules', name), link, 'junction');
      }
    },
    node: (...args) => node(folder, ...args),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Runs Node in a folder and returns what it printed; rejects when it fails. */
export async function node(cwd: string, ...args: string[]): Promise<string> {
  // Without what Jest adds for its own children.
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = process.env;
  return (await run(process.execPath, args, { cwd, env })).stdout;
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const repository = resolve(import.meta.dirname, '../..');
const shipped = [
  'package.json',
  'README.md',
  'LICENSE',
  'lib',
  'nest',
  'otel',
  'scripts',
  'tsconfig.base.json',
  'tsconfig.build.json',
];
const run = promisify(execFile);

/** A project in a temporary folder with only the packed package installed. */
export interface Project {
  /** The tarball that is installed. */
  tarball: string;
  folder: string;
  /** Makes packages from this repository's `node_modules` resolve in the project too: peers, compilers' types. */
  borrow(...packages: string[]): Promise<void>;
  /** Runs Node in the project and returns its output; rejects if it fails. */
  node(...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Packs a copy of the sources, so that neither a stale `dist/` nor the build of another test is used. */
export async function installPacked(): Promise<Project> {
  const temp = await realpath(await mkdtemp(join(tmpdir(), 'promark-package-')));
  const folder = join(temp, 'project');
  const tarball = await pack(join(temp, 'sources'));
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  await npm(folder, 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball);
  return {
    tarball,
    folder,
    borrow: (...packages) => borrow(folder, packages),
    node: async (...args) => (await run(process.execPath, args, { cwd: folder, env: plainEnvironment() })).stdout,
    remove: () => rm(temp, { recursive: true, force: true }),
  };
}

async function pack(sources: string): Promise<string> {
  await mkdir(sources);
  for (const entry of shipped) {
    const from = join(repository, entry);
    if (existsSync(from)) await cp(from, join(sources, entry), { recursive: true });
  }
  await borrow(sources, ['.']); // all of node_modules, for the build
  await npm(sources, 'pack');
  const name = (await readdir(sources)).find((entry) => entry.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack left no tarball in ${sources}`);
  return join(sources, name);
}

async function borrow(folder: string, packages: string[]): Promise<void> {
  for (const name of packages) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    if (!existsSync(link)) await symlink(join(repository, 'node_modules', name), link, 'junction');
  }
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
  const options = { cwd, env: plainEnvironment(), shell: process.platform === 'win32' };
  await run('npm', args, options).catch(({ stdout, stderr }) => {
    throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`);
  });
}

/** Without what Jest and npm add for their own children. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_ENV: __, ...rest } = process.env;
  return rest;
}

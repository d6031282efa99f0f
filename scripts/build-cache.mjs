// Caches the last build in node_modules/.cache, so that building the same sources again only copies files: tests build the
// package for the tarball that they install and for the demo.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The inputs of a build: the sources, and the versions of the tools, as npm lists them. */
const INPUTS = [
  ...['lib', 'live-page', 'nest', 'otel', 'scripts', 'package.json', 'tsconfig.base.json', 'tsconfig.build.json'],
  'node_modules/.package-lock.json',
];

/** Files that are generated into the folders of the sources. */
const GENERATED = /\.(cjs|html\.gz)\b/;

/** Copies the build of the same inputs to a folder. Returns false if none is cached. */
export async function restoreBuild(root, hash, dist) {
  const cached = join(root, 'node_modules/.cache/build', hash);
  if (!existsSync(cached)) return false;
  try {
    await rm(dist, { recursive: true, force: true });
    await cp(cached, dist, { recursive: true });
    return true;
  } catch {
    // Another build has removed it meanwhile.
    return false;
  }
}

/** Caches a build, and removes earlier ones. */
export async function cacheBuild(root, hash, dist) {
  const folder = join(root, 'node_modules/.cache/build');
  await mkdir(folder, { recursive: true });
  const outdated = (await readdir(folder)).filter((name) => name !== hash);
  await Promise.all(outdated.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  const draft = join(folder, `${hash}.${process.pid}`);
  await cp(dist, draft, { recursive: true });
  // If another process was faster, its build is the same.
  await rename(draft, join(folder, hash)).catch(() => rm(draft, { recursive: true, force: true }));
}

/** Returns a hash of the inputs of a build in a folder; undefined if npm has not installed the tools there. */
export async function hashOfInputs(root) {
  if (!INPUTS.every((input) => existsSync(join(root, input)))) return undefined;
  const hash = createHash('sha256').update(process.version);
  for (const input of INPUTS) {
    for (const file of await filesOf(join(root, input))) {
      hash.update(`\0${relative(root, file)}\0`).update(await readFile(file));
    }
  }
  return hash.digest('hex');
}

async function filesOf(path) {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !GENERATED.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

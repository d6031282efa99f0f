// Builds the package: dist/esm (ES modules) and dist/cjs (CommonJS), each with its own types.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleModules } from './bundle-modules.mjs';
import { bundleThread } from './bundle-thread.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

function compile(outDir, module) {
  const args = [join(root, 'node_modules/typescript-7/bin/tsc'), '-p', join(root, 'tsconfig.build.json')];
  args.push('--outDir', outDir, '--module', module);
  return new Promise((done, fail) => {
    const tsc = spawn(process.execPath, args, { stdio: 'inherit' });
    tsc.on('error', fail);
    tsc.on('exit', (code) => (code === 0 ? done() : fail(new Error(`tsc left ${outDir} with exit code ${code}`))));
  });
}

/** Samples and benchmarks import `promark` by name, as a user does, so the name has to resolve to this folder. */
async function linkSelf() {
  const link = join(root, 'node_modules', 'promark');
  const there = await lstat(link).catch(() => undefined);
  if (there?.isSymbolicLink() && resolve(dirname(link), await readlink(link)) === root) return;
  await rm(link, { recursive: true, force: true });
  await mkdir(dirname(link), { recursive: true });
  await symlink('..', link, 'junction');
}

/** `import.meta` is a syntax error in CommonJS, which has `__dirname` instead. */
async function locateThread() {
  const file = join(dist, 'cjs/lib/exporters/thread/location.js');
  const path = "require('node:path').join(__dirname, '../../../../server-thread.cjs')";
  const url = `require('node:url').pathToFileURL(${path})`;
  await writeFile(file, `"use strict";\nexports.threadProgram = () => ${url};\n`);
}

async function build() {
  await rm(dist, { recursive: true, force: true });
  await Promise.all([compile(join(dist, 'esm'), 'esnext'), compile(join(dist, 'cjs'), 'commonjs')]);
  await bundleThread(join(dist, 'server-thread.cjs'));
  await locateThread();
  await bundleModules(join(dist, 'esm'));
  await writeFile(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs", "sideEffects": false }\n');
  await writeFile(join(dist, 'esm', 'package.json'), '{ "type": "module", "sideEffects": false }\n');
  if (existsSync(join(root, 'node_modules'))) await linkSelf();
}

try {
  await build();
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}

// Checks samples/compose with tools that the tests do not use: the compose file with dclint, and the Kubernetes manifests
// with kubernetes-models. Its validation ignores unknown keys, so its types check the manifests as literals too.
//
//   node scripts/check-containers.mjs
//
// Needs the npm registry.

import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { readCommandLine, temporaryFolder } from './program.mjs';

readCommandLine(import.meta.url);

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sample = join(root, 'samples/compose');
const OPERATOR = '@kubernetes-models/prometheus-operator';

/** A program that contains a manifest as the literal of its model, and validates it. */
function programOf({ apiVersion, kind, ...manifest }) {
  const name = apiVersion.startsWith('monitoring.coreos.com/') ? OPERATOR : 'kubernetes-models';
  return `import { ${kind} } from '${name}/${apiVersion}';\nnew ${kind}(${JSON.stringify(manifest)}).validate();\n`;
}

/** Runs a command, and prints its findings. */
async function check(what, command, args, cwd) {
  try {
    await run(command, args, { cwd });
    console.log(`${what}: ok`);
  } catch ({ stdout, stderr }) {
    process.exitCode = 1;
    console.log(`${what}:\n${stdout}${stderr}`);
  }
}

const folder = temporaryFolder('promark-containers-');
await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', 'dclint', 'kubernetes-models', OPERATOR];
await run('npm', install, { cwd: folder });
const dclint = join(folder, 'node_modules/.bin/dclint');
await check('compose.yaml', dclint, ['--max-warnings', '0', join(sample, 'compose.yaml')], folder);
const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
const options = ['--strict', '--skipLibCheck', '--types', '', '--module', 'nodenext', '--target', 'es2022'];
for (const file of await readdir(join(sample, 'kubernetes'))) {
  const program = `${file.replace('.yaml', '')}.ts`;
  await writeFile(join(folder, program), programOf(parse(await readFile(join(sample, 'kubernetes', file), 'utf8'))));
  await check(`kubernetes/${file}, its keys`, process.execPath, [tsc, ...options, program], folder);
  await check(`kubernetes/${file}, its values`, process.execPath, [program.replace('.ts', '.js')], folder);
}

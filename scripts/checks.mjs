// Lints, type-checks and builds at the same time, since none of them keeps two cores busy. Prints what each of them prints
// once it has ended.

import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommandLine } from './program.mjs';

readCommandLine(import.meta.url);

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function run(script) {
  return new Promise((done) => {
    const options = { cwd: root, shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'pipe'] };
    const child = spawn('npm', ['run', script], options);
    // The build takes longest and mostly uses one core. The others fill the rest, and what they start has their priority.
    if (script !== 'build' && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        printed += text;
      });
    }
    child.on('close', (code) => {
      process.stdout.write(printed);
      if (code !== 0) console.error(`npm run ${script} failed`);
      done(code === 0);
    });
  });
}

const passed = await Promise.all(['build', 'typecheck', 'lint'].map(run));
process.exitCode = passed.every(Boolean) ? 0 : 1;

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { samplesOn } from '../support/page.js';
import { plainEnvironment, repository } from '../support/processes.js';
import { until } from '../support/until.js';

let copy: string;

beforeAll(async () => {
  copy = await realpath(await mkdtemp(join(tmpdir(), 'promark-demo-')));
  const filter = (file: string) => !['.git', 'coverage', 'dist', 'node_modules'].includes(basename(file));
  await cp(repository, copy, { recursive: true, filter });
  // A separate folder, because the build puts a link to the built package in it.
  await mkdir(join(copy, 'node_modules'));
  for (const name of await readdir(join(repository, 'node_modules'))) {
    if (name === 'promark' || name === '.cache') continue;
    await symlink(join(repository, 'node_modules', name), join(copy, 'node_modules', name), 'junction');
  }
  // The build that is kept: the copy has the same sources.
  const kept = join(repository, 'node_modules/.cache/build');
  await Promise.all([mkdir(kept, { recursive: true }), mkdir(join(copy, 'node_modules/.cache'))]);
  await symlink(kept, join(copy, 'node_modules/.cache/build'), 'junction');
});

afterAll(() => rm(copy, { recursive: true, force: true }));

test('npm run demo opens a shop with customers in it, until it is stopped', async () => {
  // A separate process group: Ctrl-C signals npm and what it has started.
  const demo = spawn('npm', ['run', 'demo'], { cwd: copy, env: plainEnvironment({ PORT: '0' }), detached: true });
  const kill = (signal: NodeJS.Signals) => demo.pid !== undefined && process.kill(-demo.pid, signal);
  const ended = once(demo, 'exit');
  const lastResort = () => kill('SIGKILL');
  process.once('exit', lastResort);
  let printed = '';
  const address = new Promise<string>((found) => {
    for (const stream of [demo.stdout, demo.stderr]) {
      stream.on('data', (chunk) => {
        printed += String(chunk);
        const url = /http:\/\/[\d.]+:\d+\/metrics/.exec(printed)?.[0];
        if (url !== undefined) found(url);
      });
    }
  });
  try {
    const url = await Promise.race([
      address,
      ended.then(() => Promise.reject(new Error(`The demo has ended:\n${printed}`))),
    ]);
    await until('orders', async () => {
      const page = await fetch(`${url}?name[]=orders_total`);
      return samplesOn(await page.text()).some(({ value }) => value > 0);
    });
    kill('SIGINT');
    await ended;
  } finally {
    if (demo.exitCode === null && demo.signalCode === null) lastResort();
    process.removeListener('exit', lastResort);
  }
  expect(printed).toMatch(/The shop is closed\. Orders by tier and HTTP status: \{"gold":/);
});

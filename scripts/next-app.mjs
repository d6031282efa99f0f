// Builds and starts a Next.js app whose route handlers are measured by promark/fetch, sends it requests, and compares its
// page with the rules that test/http/rules.ts has for the other frameworks.
//
//   npm run build && node scripts/next-app.mjs [version of Next, default: latest]
//   NEXT_APP=<folder> node scripts/next-app.mjs
//
// Installing Next needs the npm registry, 400 MB of disk and some minutes, which is why no test does it. With `NEXT_APP`, a folder
// in which `next`, `react`, `react-dom`, `typescript`, `@types/node` and `@types/react` are installed, nothing is downloaded.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseText } from 'promark';
import { readCommandLine, temporaryFolder } from './program.mjs';

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const {
  operands: [version = 'latest'],
} = readCommandLine(import.meta.url, { operands: { most: 1 } });

const log = (text) => console.log(`${new Date().toTimeString().slice(0, 8)} ${text}`);

async function install(folder) {
  await cp(join(root, 'scripts/next-app'), folder, { recursive: true });
  // Next needs sharp only to resize images, and it is half of the download.
  await writeFile(join(folder, 'package.json'), '{ "private": true, "overrides": { "sharp": "npm:ms@2" } }');
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const modules = join(folder, 'node_modules');
  if (process.env.NEXT_APP !== undefined) {
    log(`Linking the modules of ${process.env.NEXT_APP} …`);
    await run('cp', ['-al', join(process.env.NEXT_APP, 'node_modules'), modules]);
  } else {
    log('Installing Next …');
    const packages = [`next@${version}`, 'react', 'react-dom', 'typescript@5.9', '@types/node', '@types/react'];
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', ...flags, ...packages], { cwd: folder });
  }
  await rm(join(modules, 'promark'), { recursive: true, force: true });
  await mkdir(join(modules, 'promark'));
  await run('tar', ['xzf', tarball, '-C', join(modules, 'promark'), '--strip-components=1'], { cwd: folder });
}

/** Starts the built app, and resolves with its address. */
async function start(folder) {
  const next = join(folder, 'node_modules/next/dist/bin/next');
  const options = { cwd: folder, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } };
  log('Building the app …');
  await run(process.execPath, [next, 'build'], options);
  log('Starting it …');
  const app = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', '0'], options);
  process.once('exit', () => app.kill('SIGKILL'));
  const url = await new Promise((resolve, reject) => {
    let printed = '';
    app.stdout.on('data', (chunk) => {
      printed += chunk;
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
      if (found !== undefined) resolve(found);
    });
    app.once('exit', () => reject(new Error(`Next ended before it served:\n${printed}`)));
  });
  return { app, url };
}

/** Sends the requests of the rules. */
async function request(url) {
  const ask = async (path, init) => (await fetch(url + path, init)).text();
  for (const path of ['/orders/1', '/orders/2?x=1', '/fails/1', '/none', '/metrics']) await ask(path);
  await ask('/orders/1', { method: 'HEAD' });
  await ask('/orders/1', { method: 'DELETE' });
  const begin = async (path) => {
    const abort = new AbortController();
    const reader = (await fetch(url + path, { signal: abort.signal })).body.getReader();
    await reader.read();
    return { abort, reader };
  };
  const read = await begin('/stream');
  await ask('/end');
  await read.reader.read();
  const failed = await begin('/stream');
  await ask('/fail');
  await assert.rejects(failed.reader.read());
  for (const path of ['/stream', '/events']) (await begin(path)).abort.abort();
}

/** The values of a family by the values of their labels. */
async function valuesOf(url, name) {
  const samples = parseText(await (await fetch(`${url}/metrics`)).text()).flatMap((family) => family.samples);
  const wanted = samples.filter((sample) => sample.name === name);
  return Object.fromEntries(
    wanted.map(({ labels, value }) => [`${labels.method} ${labels.route} ${labels.status_code}`, value]).sort(),
  );
}

// Next answers 404 and 405 itself, so these never reach a handler.
const EXPECTED = {
  'GET /events 200': 1,
  'GET /fails/[id] 500': 1,
  'GET /orders/[id] 200': 2,
  'GET /stream 200': 1,
  'GET /stream 499': 1,
  'GET /stream 500': 1,
  'HEAD /orders/[id] 200': 1,
};

const folder = temporaryFolder('promark-next-');
let app;
try {
  await install(folder);
  const started = await start(folder);
  app = started.app;
  await request(started.url);
  const counts = () => valuesOf(started.url, 'http_request_duration_seconds_count');
  // The server notices only later that a client has disconnected.
  for (let i = 0; i < 100 && Object.keys(await counts()).length < Object.keys(EXPECTED).length; i++) await pause(50);
  assert.deepEqual(await counts(), EXPECTED);
  const sizes = await valuesOf(started.url, 'http_response_size_bytes_sum');
  assert.equal(sizes['GET /orders/[id] 200'], 10);
  assert.equal(sizes['HEAD /orders/[id] 200'], 0);
  const { version } = JSON.parse(await readFile(join(folder, 'node_modules/next/package.json'), 'utf8'));
  console.log(`Next ${version}, ${Object.keys(EXPECTED).length} series as expected`);
} finally {
  app?.kill();
  if (app?.exitCode === null) await once(app, 'exit');
}

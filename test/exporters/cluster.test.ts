import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';

const entry = resolve(import.meta.dirname, '../../dist/index.js');

/** A primary that has two workers serve on one port, each of which reports its port and scrapes the page. */
const source = `
  import cluster from 'node:cluster';
  import { Counter, startHttpServer } from ${JSON.stringify(pathToFileURL(entry).href)};
  if (cluster.isPrimary) {
    const seen = [];
    const report = (message) => {
      seen.push(message);
      if (seen.length < 2) return;
      console.log(JSON.stringify(seen));
      for (const worker of Object.values(cluster.workers)) worker.kill();
    };
    // In a cluster, 0 is the same free port for all.
    for (let worker = 0; worker < 2; worker++) cluster.fork().once('message', report);
  } else {
    new Counter({ name: 'jobs_total', help: 'Jobs' }).inc();
    try {
      const server = await startHttpServer({ port: 0, host: '127.0.0.1' });
      const page = await (await fetch(server.url)).text();
      process.send({ port: server.port, isPage: page.includes('jobs_total 1') });
    } catch (error) {
      process.send({ port: 0, error: String(error) });
    }
  }
`;

test('the workers of a cluster serve on one port', async () => {
  if (!existsSync(entry)) throw new Error('This test uses the built package, and there is none: npm run build');
  const env = { ...process.env, NODE_OPTIONS: '' };
  const folder = mkdtempSync(join(tmpdir(), 'promark-cluster-'));
  writeFileSync(join(folder, 'cluster.mjs'), source);
  const primary = spawn(process.execPath, [join(folder, 'cluster.mjs')], { env });
  let output = '';
  primary.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(primary, 'close');
  rmSync(folder, { recursive: true });
  const [first, second] = JSON.parse(output);
  expect(first).toEqual({ port: expect.any(Number), isPage: true });
  expect(second).toEqual(first);
});

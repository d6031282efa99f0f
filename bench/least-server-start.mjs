// The start of a server in its own thread, next to threads that do less: node bench/least-server-start.mjs

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Counter, Registry, startHttpServer } from 'promark';
import { readCommandLine } from '../scripts/program.mjs';

const program = createRequire(import.meta.url).resolve('../dist/server-thread.cjs');
const READY = `require('node:worker_threads').parentPort.postMessage(1);`;
/** Compiles the program of the server's thread without running it. */
const COMPILES = `new (require('node:vm').Script)(require('node:fs').readFileSync(${JSON.stringify(program)}, 'utf8'));`;
const LISTENS = `const server = require('node:http').createServer(() => {});
server.listen(0, '127.0.0.1', () => { ${READY} server.close(); });`;

async function thread(code) {
  const worker = new Worker(code, { eval: true, execArgv: [], env: {} });
  await once(worker, 'message');
  await worker.terminate();
}

async function server(series) {
  const registry = new Registry({ maxSeries: 0 });
  const config = { name: 'c_total', help: 'C', labelNames: ['path'], registers: [registry] };
  const counter = new Counter(config);
  for (let i = 0; i < series; i++) counter.inc({ path: `/api/v1/resources/${i}` });
  const start = performance.now();
  const running = await startHttpServer({ port: 0, host: '127.0.0.1', registry });
  const ms = performance.now() - start;
  await running.close();
  return ms;
}

async function timed(work) {
  const start = performance.now();
  const ms = await work();
  return (ms ?? performance.now() - start).toFixed(0);
}

// The first thread of a process takes longer than the next ones.
const FIRST = { empty: READY, listening: LISTENS };
const [flag, asked] = process.argv.slice(2);
if (flag === '--one') {
  console.log(await timed(() => thread(FIRST[asked])));
  process.exit();
}
readCommandLine(import.meta.url);
const self = fileURLToPath(import.meta.url);
for (const kind of Object.keys(FIRST)) {
  const ms = execFileSync(process.execPath, [self, '--one', kind], { encoding: 'utf8' }).trim();
  console.log(`first ${kind} thread of a process: ${ms} ms`);
}
// First of those here, since later ones find the code of promark compiled.
const first = await timed(() => server(10_000));
console.log(`server, 10 000 series: ${first} ms; again: ${await timed(() => server(10_000))} ms`);
console.log(`server, no series, once compiled: ${await timed(() => server(0))} ms`);
console.log(`empty thread: ${await timed(() => thread(READY))} ms`);
console.log(`thread that listens: ${await timed(() => thread(LISTENS))} ms`);
console.log(`thread that compiles our program and listens: ${await timed(() => thread(COMPILES + LISTENS))} ms`);

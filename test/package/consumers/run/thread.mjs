import { createRequire } from 'node:module';

// Serves from a separate thread and scrapes while this thread is blocked, with the requested build.
const { Counter, startHttpServer } =
  process.argv[2] === 'import' ? await import('promark') : createRequire(import.meta.url)('promark');
const { Worker } = await import('node:worker_threads');

const turns = new Counter({ name: 'turns_total', help: 'Turns' });
const server = await startHttpServer({ port: 0, host: '127.0.0.1', thread: true });
const answered = new Int32Array(new SharedArrayBuffer(4));
const scraper = new Worker(
  `const { workerData: { url, answered } } = require('node:worker_threads');
  fetch(url).then((answer) => answer.text()).then((page) => {
    Atomics.store(answered, 0, /^turns_total [1-9]/m.test(page) && /^promark_main_thread_responsive 0/m.test(page) ? 1 : 2);
  });`,
  { eval: true, workerData: { url: server.url, answered } },
);
while (Atomics.load(answered, 0) === 0) turns.inc();
await scraper.terminate();
await server.close();
console.log(answered[0] === 1 ? 'answered while blocked' : 'wrong page');

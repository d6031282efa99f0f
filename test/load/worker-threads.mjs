// Starts worker threads that count, and terminates them at random, while two scrapers read the page: nothing that was
// counted may be missing, no scrape may fail, and the memory must not grow with the number of threads.
//
//   npm run build && node --expose-gc test/load/worker-threads.mjs [threads, default 200]
//
// Each thread counts in a loop and notes each count in memory of its own that it shares with this thread, after it has
// counted. A thread that is terminated in between has counted one more than it has noted.
import { createServer } from 'node:http';
import { Worker } from 'node:worker_threads';
import { Counter, metricsHandler, parseText, register } from 'promark';

const THREADS = Number(process.argv[2] ?? 200);
const AT_ONCE = 8;
const SERIES = 50;

const code = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Counter, Histogram } = require('promark');
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'] });
  const seconds = new Histogram({ name: 'job_seconds', help: 'Seconds', buckets: [1, 2] });
  const noted = new Float64Array(workerData);
  function work() {
    for (let i = 0; i < 1000; i++) {
      const queue = i % ${SERIES};
      jobs.inc({ queue });
      seconds.observe(queue % 3);
      noted[queue] += 1;
      noted[${SERIES}] += 1;
    }
    setImmediate(work);
  }
  work();
  parentPort.postMessage('counting');
`;

new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'] });
const server = createServer(metricsHandler()).listen(0);
const url = `http://localhost:${server.address().port}/metrics`;

const noted = [];
const faults = [];
let scrapes = 0;
let running = true;

/** Scrapes until all threads have ended; totals never fall, and no series is ever missing again. */
async function scraper() {
  let last = new Map();
  while (running) {
    const response = await fetch(url);
    if (!response.ok) faults.push(`status ${response.status}`);
    const now = valuesOf(await response.text());
    for (const [series, value] of last) {
      if (!(now.get(series) >= value)) faults.push(`${series} fell from ${value} to ${now.get(series)}`);
    }
    last = now;
    scrapes += 1;
  }
}

function valuesOf(page) {
  const values = new Map();
  for (const { type, samples } of parseText(page)) {
    if (type !== 'counter' && type !== 'histogram') continue;
    for (const { name, labels, value } of samples) values.set(`${name} ${JSON.stringify(labels)}`, value);
  }
  return values;
}

let started = 0;
async function starter() {
  while (started < THREADS) {
    started += 1;
    const workerData = new SharedArrayBuffer((SERIES + 1) * 8);
    noted.push(new Float64Array(workerData));
    const worker = new Worker(code, { eval: true, workerData });
    worker.on('error', (error) => faults.push(String(error)));
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    // Every fifth is terminated while it starts, the others after up to 300 ms of counting.
    const starts = started % 5 === 0;
    await new Promise((resolve) => worker.once(starts ? 'online' : 'message', resolve));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
    await worker.terminate();
    await ended;
  }
}

const memory = [];
const sampler = setInterval(() => {
  globalThis.gc?.();
  memory.push([started, process.memoryUsage().rss, process.memoryUsage().arrayBuffers]);
}, 1000);
const scrapers = [scraper(), scraper()];
await Promise.all(Array.from({ length: AT_ONCE }, starter));
await new Promise((resolve) => setTimeout(resolve, 500));
running = false;
await Promise.all(scrapers);
clearInterval(sampler);

const page = valuesOf(await (await fetch(url)).text());
let lost = 0;
let more = 0;
for (let queue = 0; queue < SERIES; queue++) {
  const expected = noted.reduce((sum, cells) => sum + cells[queue], 0);
  const shown = page.get(`jobs_total ${JSON.stringify({ queue: String(queue) })}`) ?? 0;
  if (shown < expected) lost += expected - shown;
  else more += shown - expected;
}
const observed = page.get('job_seconds_count {}') ?? 0;
const observedAtLeast = noted.reduce((sum, cells) => sum + cells[SERIES], 0);
if (observed < observedAtLeast) lost += observedAtLeast - observed;
const counts = noted.filter((cells) => cells[SERIES] > 0).length;
console.log(
  JSON.stringify({ threads: THREADS, counting: counts, counted: observed, scrapes, lost, more, faults: faults.length }),
);
console.log(
  `memory (threads, MiB resident, MiB of array buffers): ${memory
    .filter((_, i) => i % 5 === 0)
    .map(([n, rss, buffers]) => `${n}: ${Math.round(rss / 2 ** 20)}, ${(buffers / 2 ** 20).toFixed(1)}`)
    .join(' · ')}`,
);
if (faults.length > 0) console.log(faults.slice(0, 10).join('\n'));
// A thread may have been terminated between a count and its note.
process.exitCode = lost === 0 && faults.length === 0 && more <= counts ? 0 : 1;
server.close();
server.closeAllConnections();
void register;

// Starts worker threads that count, and terminates them at random, while two scrapers read the page: nothing that was
// counted may be missing, no scrape may fail, no series may be missing once it was there, and the memory must not grow with
// the number of threads.
//
//   npm run build && node --expose-gc test/load/worker-threads.mjs [threads, default 200] [--out file.json]
//
// Each thread counts in a loop and notes each count in memory of its own that it shares with this thread, after it has
// counted. A thread that is terminated in between has counted one more than it has noted.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Counter, Gauge, Histogram, metricsHandler, parseText } from 'promark';
import { readCommandLine, rule } from '../../scripts/program.mjs';

const { values: options, operands } = readCommandLine(import.meta.url, {
  operands: { most: 1, rule: rule.wholeNumber(1) },
  options: { out: { type: 'string' } },
});
const THREADS = Number(operands[0] ?? 200);
const AT_ONCE = 8;
const SERIES = 50;

function work({ cells, rounds }) {
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'] });
  const seconds = new Histogram({ name: 'job_seconds', help: 'Seconds', buckets: [1, 2] });
  new Gauge({ name: 'counting', help: 'Threads that count' }).set(1);
  const noted = new Float64Array(cells);
  let left = rounds;
  const round = () => {
    for (let i = 0; i < 1000; i++) {
      const queue = i % SERIES;
      jobs.inc({ queue });
      seconds.observe(queue % 3);
      noted[queue] += 1;
      noted[SERIES] += 1;
    }
    left -= 1;
    // It is terminated at some moment after this, and counts on until then.
    if (left === 0) parentPort.postMessage('counted');
    setImmediate(round);
  };
  round();
}

async function attack() {
  new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'] });
  const server = createServer(metricsHandler()).listen(0);
  const url = `http://localhost:${server.address().port}/metrics`;

  const noted = [];
  const faults = [];
  const started = new Date().toISOString();
  let scrapes = 0;
  let running = true;

  async function scrape() {
    const response = await fetch(url);
    scrapes += 1;
    if (!response.ok) throw new Error(`status ${response.status}`);
    return parseText(await response.text());
  }

  /** Scrapes until all threads have ended; totals never fall, and no series is ever missing again. */
  async function scraper() {
    let last = new Map();
    while (running) {
      try {
        const now = totalsOf(await scrape());
        for (const [series, value] of last) {
          if (!(now.get(series) >= value)) faults.push(`${series} fell from ${value} to ${now.get(series)}`);
        }
        last = now;
      } catch (error) {
        faults.push(String(error));
      }
    }
  }

  function totalsOf(families) {
    const totals = new Map();
    for (const { type, samples } of families) {
      if (type !== 'counter' && type !== 'histogram') continue;
      for (const { name, labels, value } of samples) totals.set(`${name} ${JSON.stringify(labels)}`, value);
    }
    return totals;
  }

  let count = 0;
  /** Starts one thread after the other, and ends each at a random moment. */
  async function starter() {
    while (count < THREADS) {
      count += 1;
      const cells = new SharedArrayBuffer((SERIES + 1) * 8);
      noted.push(new Float64Array(cells));
      // Every fifth is terminated while it starts, the others after some rounds of counting.
      const starts = count % 5 === 0;
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { cells, rounds: 1 + Math.floor(Math.random() * 200) },
      });
      worker.on('error', (error) => faults.push(String(error)));
      const ended = once(worker, 'exit');
      await once(worker, starts ? 'online' : 'message');
      await worker.terminate();
      await ended;
      noteMemory();
    }
  }

  const memory = [];
  function noteMemory(isLast = false) {
    if (!isLast && (count % Math.ceil(THREADS / 10) !== 0 || memory.at(-1)?.threads === count)) return;
    globalThis.gc?.();
    const { rss, arrayBuffers, heapUsed } = process.memoryUsage();
    const mebibytes = (bytes) => Math.round((bytes / 2 ** 20) * 10) / 10;
    memory.push({
      threads: count,
      resident: mebibytes(rss),
      heap: mebibytes(heapUsed),
      arrayBuffers: mebibytes(arrayBuffers),
    });
  }

  const scrapers = [scraper(), scraper()];
  await Promise.all(Array.from({ length: AT_ONCE }, starter));
  // The last threads are added up when their gauges have left the page.
  for (;;) {
    if (!(await scrape()).some(({ name }) => name === 'counting')) break;
  }
  running = false;
  await Promise.all(scrapers);
  noteMemory(true);

  const page = totalsOf(await scrape());
  let lost = 0;
  let more = 0;
  for (let queue = 0; queue < SERIES; queue++) {
    const expected = noted.reduce((sum, cells) => sum + cells[queue], 0);
    const shown = page.get(`jobs_total ${JSON.stringify({ queue: String(queue) })}`) ?? 0;
    if (shown < expected) lost += expected - shown;
    else more += shown - expected;
  }
  const counted = page.get('job_seconds_count {}') ?? 0;
  lost += Math.max(0, noted.reduce((sum, cells) => sum + cells[SERIES], 0) - counted);
  const threadsCounting = noted.filter((cells) => cells[SERIES] > 0).length;
  const results = {
    started,
    node: process.version,
    load: Math.round(os.loadavg()[0] * 10) / 10,
    threads: THREADS,
    threadsCounting,
    counted,
    scrapes,
    lost,
    // Counts that a thread had no time to note: at most one each.
    notNoted: more,
    faults,
    memoryMiB: memory,
  };
  console.log(JSON.stringify(results, undefined, 2));
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(results, undefined, 2)}\n`);
  process.exitCode = lost === 0 && faults.length === 0 && more <= threadsCounting ? 0 : 1;
  server.close();
  server.closeAllConnections();
}

if (isMainThread) await attack();
else work(workerData);

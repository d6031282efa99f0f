import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { load } from '../harness/clients.mjs';
import { check, cost, longestStall, median, nanosecondsPerCall } from '../harness/loop.mjs';

const PROGRAM = new URL('./worker.mjs', import.meta.url);

async function startWorker(workerData) {
  const worker = new Worker(PROGRAM, { workerData });
  await once(worker, 'message');
  return worker;
}

async function ask(worker, message) {
  const answer = once(worker, 'message');
  worker.postMessage(message);
  return (await answer)[0];
}

/** Pages of the main thread with the counters of some workers. */
export async function pages(name, workers, series, { scrapes, warmUp }) {
  const client = await load(name);
  const scrape = await scrapeOf(client);
  const all = [];
  for (let i = 0; i < workers; i++) all.push(await startWorker({ name, series, seed: i + 1 }));
  const change = (share) => Promise.all(all.map((worker) => ask(worker, { change: Math.ceil(series * share) })));
  let page;
  let first;
  const firstStall = await longestStall(async () => {
    first = await cost(async () => {
      page = await scrape();
    });
  });
  check(page.split('\n').length > series, 'series are missing');
  const repeat = async (share) => {
    const results = [];
    for (let i = -warmUp; i < scrapes; i++) {
      await change(share);
      const result = await cost(scrape);
      if (i >= 0) results.push(result);
    }
    return { wall: median(results.map(({ wall }) => wall)), cpu: median(results.map(({ cpu }) => cpu)) };
  };
  const [every, few] = [await repeat(1), await repeat(0.01)];
  const stalls = [];
  for (let i = 0; i < scrapes; i++) {
    await change(1);
    stalls.push(await longestStall(scrape));
  }
  await Promise.all(all.map((worker) => worker.terminate()));
  return {
    first: first.wall,
    firstStall,
    all: every.wall,
    allCpu: every.cpu,
    allStall: median(stalls),
    few: few.wall,
    fewCpu: few.cpu,
  };
}

async function scrapeOf(client) {
  if (client.name === 'promark') {
    const { register } = await import('promark');
    new client.Counter({ name: 'own_total', help: 'Own' });
    return async () => (await register.render()).text;
  }
  const { WorkerRegistry } = (await import(client.name)).default;
  const registry = new WorkerRegistry();
  return () => registry.workerMetrics();
}

/** What `inc()` on a bound child costs in a worker whose metrics the main thread shows, or in the main thread alone. */
export async function inc(inWorker, { sampleMs, samples }) {
  const client = await load('promark');
  if (inWorker) {
    const { register } = await import('promark');
    const worker = await startWorker({ name: 'promark', series: 1000, seed: 1 });
    await register.metrics();
    const result = await ask(worker, { inc: { sampleMs, samples } });
    await worker.terminate();
    return result;
  }
  const counter = new client.Counter({ name: 'requests_total', help: 'Requests', labelNames: ['a', 'b', 'c'] });
  const child = counter.labels('x', 'y', 'z');
  const batch = (calls) => {
    for (let i = 0; i < calls; i++) child.inc();
  };
  return nanosecondsPerCall(batch, { sampleMs, samples });
}

/** The start of a worker up to its first message, and what the process has more of memory afterwards. */
export async function starts(name) {
  if (name !== undefined) await load(name);
  await (await startWorker({ series: 100 })).terminate();
  const before = process.memoryUsage().rss;
  const times = [];
  const workers = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    workers.push(await startWorker({ name, series: 100, seed: 1 }));
    times.push(performance.now() - start);
  }
  const grown = (process.memoryUsage().rss - before) / 2 ** 20 / workers.length;
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { start: median(times), memory: grown };
}

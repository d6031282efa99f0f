import { once } from 'node:events';
import process from 'node:process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Counter, Gauge, register } from 'promark';

// Counts in a worker thread and in one that this starts. Prints the page of the main thread while they run, and when they
// have ended.

const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['depth'] });
const running = new Gauge({ name: 'running', help: 'Threads', labelNames: ['kind'] });

async function startWorker(depth: number): Promise<Worker> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { depth } });
  await once(worker, 'message');
  return worker;
}

if (isMainThread) {
  const worker = await startWorker(1);
  const during = await register.metrics();
  await worker.terminate();
  // Their gauges leave the page when the end of the threads is known.
  let after = await register.metrics();
  while (after.includes('running{')) after = await register.metrics();
  console.log(JSON.stringify({ during, after }));
  process.exit();
} else {
  const { depth } = workerData as { depth: number };
  jobs.inc({ depth }, 3);
  running.set({ kind: 'worker' }, 1);
  if (depth < 2) await startWorker(depth + 1);
  parentPort?.postMessage('counted');
  setInterval(() => {}, 60_000);
}

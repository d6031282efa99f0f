import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, Worker, workerData } from 'node:worker_threads';

// Threads whose start promark does not see. A worker counts; the main thread loads promark after that (`late`), or the worker
// is started by a thread that does not load it (`nested`).

type Role = 'counts' | 'relays' | undefined;
const [, , how] = process.argv;
const role = workerData as Role;

const start = (workerData: Role) => new Worker(new URL(import.meta.url), { workerData });

async function pages(worker: Worker): Promise<object> {
  const { register } = await import('promark');
  const pageThat = async (holds: (page: string) => boolean): Promise<string> => {
    for (;;) {
      const page = await register.metrics();
      if (holds(page)) return page;
      await pause(10);
    }
  };
  const during = await pageThat((page) => page.includes('running 1'));
  worker.postMessage('end');
  const after = await pageThat((page) => !page.includes('running 1'));
  await worker.terminate();
  return { during, after };
}

if (role === 'counts') {
  const { Counter, Gauge } = await import('promark');
  new Counter({ name: 'jobs_total', help: 'Jobs' }).inc(3);
  new Gauge({ name: 'running', help: 'Threads' }).set(1);
  parentPort?.on('message', () => process.exit());
  parentPort?.postMessage('counted');
} else if (role === 'relays') {
  const worker = start('counts');
  await once(worker, 'message');
  parentPort?.on('message', () => void worker.terminate());
  parentPort?.postMessage('counted');
} else {
  if (how === 'nested') await import('promark');
  const worker = start(how === 'nested' ? 'relays' : 'counts');
  await once(worker, 'message');
  process.stdout.write(JSON.stringify(await pages(worker)));
}

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import * as promark from 'promark';

// The same program with promark and with another client of the same interface, which the first argument names. It prints the
// pages of its workers as JSON, one after the other.

interface Start {
  readonly number: number;
  readonly client: string | undefined;
  readonly root: string | undefined;
}

// The other client needs these methods of Node 22.
const iterators = Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object;
for (const method of ['map', 'filter'] as const) {
  if (method in iterators) continue;
  const value = function (this: Iterable<unknown>, callback: (one: unknown) => unknown) {
    return Array.from(this)[method](callback);
  };
  Object.defineProperty(iterators, method, { value });
}

const [, , name, root] = process.argv;
const { number, client, root: folder }: Start = workerData ?? { number: 0, client: name, root };
const { Counter, Gauge, Histogram, Registry, WorkerRegistry, register } =
  client === undefined || folder === undefined
    ? promark
    : (createRequire(`${folder}/package.json`)(client) as typeof promark);

const AGGREGATORS = ['sum', 'first', 'min', 'max', 'average', 'omit'] as const;

function define(registers: promark.Registry[]) {
  const labelNames = ['queue'] as const;
  return {
    jobs: new Counter({ name: 'jobs_total', help: 'Jobs', labelNames, registers }),
    seconds: new Histogram({ name: 'seconds', help: 'Seconds', buckets: [1, 2], labelNames, registers }),
    gauges: AGGREGATORS.map(
      (aggregator) => new Gauge({ name: `by_${aggregator}`, help: 'Gauge', aggregator, labelNames, registers }),
    ),
  };
}

async function main(): Promise<void> {
  const registry = new WorkerRegistry();
  define([register]).jobs.inc({ queue: 'main' }, 1000);
  const print = async () => {
    const page = await registry.workerMetrics();
    process.stdout.write(`${JSON.stringify({ page, count: WorkerRegistry.workerCount() })}\n`);
  };
  await print();
  const workers: Worker[] = [];
  for (const number of [1, 2, 3]) {
    const start: Start = { number, client, root: folder };
    const worker = new Worker(new URL(import.meta.url), { workerData: start });
    workers.push(worker);
    await once(worker, 'message');
  }
  await print();
  workers[0].postMessage('end');
  await once(workers[0], 'exit');
  await print();
  await Promise.all(workers.map((worker) => worker.terminate()));
  process.exit();
}

function work(): void {
  const own = new Registry();
  // What the third one counts, it counts in a registry of its own.
  if (number === 3) WorkerRegistry.setRegistries(own);
  const registry = new WorkerRegistry();
  const { jobs, seconds, gauges } = define([number === 3 ? own : register]);
  if (number === 3) new Counter({ name: 'elsewhere_total', help: 'In no registry that is shown' }).inc();
  jobs.inc({ queue: 'all' }, number);
  jobs.inc({ queue: `of ${number}` });
  seconds.observe({ queue: 'all' }, number / 2);
  for (const gauge of gauges) gauge.set({ queue: 'all' }, 10 - number);
  parentPort?.once('message', async () => {
    jobs.inc({ queue: 'last' });
    await registry.shutdown();
    process.exit();
  });
  parentPort?.postMessage('ready');
}

if (isMainThread) void main();
else work();

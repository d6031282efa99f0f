import { existsSync } from 'node:fs';
import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads';
import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  Info,
  type MetricsServer,
  register,
  Summary,
  startHttpServer,
} from 'promark';
import type { Command, Forgetting, Order, Turn } from './pool.js';

// A pool of worker threads. In each of them, this same program counts as it is ordered; the main thread takes commands from
// the process that has started it.

const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'], enableExemplars: true });
const seconds = new Histogram({ name: 'seconds', help: 'Seconds', buckets: [1, 2], native: true });
const sizes = new Summary({ name: 'sizes', help: 'Sizes', percentiles: [0.5], maxAgeSeconds: 3600 });
const alive = new Gauge({ name: 'alive', help: 'Threads', labelNames: ['kind'] });
const own = new Gauge({ name: 'own', help: 'Id', labelNames: ['kind'], aggregate: 'liveall' });
const highest = new Gauge({ name: 'highest', help: 'Highest id', labelNames: ['kind'], aggregate: 'max' });
const children: Worker[] = [];

function wait(file: string): void {
  while (!existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

function count({ queue, by, differs }: Order): void {
  if (differs) {
    const labelNames = isMainThread ? ['main'] : ['worker'];
    new Counter<string>({ name: 'differs_total', help: 'Differs', labelNames }).labels(queue).inc(by);
  }
  jobs.inc({ labels: { queue }, value: by, exemplarLabels: { thread: threadId } });
  seconds.observe(by);
  sizes.observe(by);
}

function forget(how: Forgetting): void {
  if (how === 'remove') jobs.remove('a');
  else if (how === 'removeMatching') register.removeMatching({ queue: 'a' });
  else if (how === 'zero') jobs.zero({ queue: 'a' });
  else if (how === 'reset') jobs.reset();
  else if (how === 'removeSingleMetric') register.removeSingleMetric('jobs_total');
  else register[how]();
}

/** All in one turn, in whose midst it reports. */
function countInTurn({ queues, by, first, until }: Turn): void {
  for (const queue of queues) {
    if (first === 'remove') jobs.remove(queue);
    if (first === 'zero') jobs.zero({ queue });
  }
  if (first !== undefined)
    for (const metric of [jobs, seconds, sizes]) if (first === 'reset' || metric !== jobs) metric.reset();
  for (const queue of queues) count({ queue, by });
  new Counter({ name: 'turns_total', help: 'Turns' }).inc(by);
  new Gauge({ name: 'latest', help: 'Latest', labelNames: ['queue'] }).set({ queue: queues[0] }, by);
  new Gauge({ name: 'unset', help: 'Not set', labelNames: ['queue'] }).labels(queues[0]);
  parentPort?.postMessage('in the turn');
  wait(until);
}

/** Waits for an event; an error is followed by the exit. */
const heard = (worker: Worker, event: 'message' | 'exit') =>
  new Promise<void>((resolve) => worker.once(event, () => resolve()));

async function startChild(turn?: Turn): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { stderr: true, workerData: turn });
  worker.on('error', () => {});
  children.push(worker);
  const id = worker.threadId;
  await heard(worker, 'message');
  return id;
}

async function obey(order: Order): Promise<unknown> {
  const { nested = 0 } = order;
  if (nested > 0) await startChild();
  const child = nested > 0 ? children.at(-1) : undefined;
  if (child !== undefined) {
    child.postMessage({ ...order, nested: nested - 1 });
    return heard(child, order.ending === undefined || nested > 1 ? 'message' : 'exit');
  }
  count(order);
  if (order.ending === 'exit') process.exit(7);
  if (order.ending === 'crash')
    setImmediate(() => {
      throw new Error('as ordered');
    });
  return undefined;
}

let server: MetricsServer | undefined;

async function run(command: Command): Promise<unknown> {
  if (command.do === 'start') return startChild(command.turn);
  if (command.do === 'order') {
    const worker = children.find(({ threadId }) => threadId === command.worker);
    worker?.postMessage(command.order);
    return worker && heard(worker, command.order.ending === undefined || command.order.nested ? 'message' : 'exit');
  }
  if (command.do === 'count') return count(command);
  if (command.do === 'terminate') return children.find(({ threadId }) => threadId === command.worker)?.terminate();
  if (command.do === 'page') return register.metrics(command);
  if (command.do === 'forget') {
    await children.find(({ threadId }) => threadId === command.terminating)?.terminate();
    return forget(command.how);
  }
  if (command.do === 'switch') return register.setWorkerThreads(command.on);
  if (command.do === 'serve') {
    server = await startHttpServer({ port: 0, host: '127.0.0.1', thread: true });
    return server.url;
  }
  if (command.do === 'block') {
    // A worker counts while this thread is blocked, and has ended before it goes on.
    const worker = new Worker(new URL(import.meta.url));
    worker.postMessage({ queue: 'blocked', by: 1, ending: command.ending });
    process.send?.('blocked');
    wait(command.until);
    return undefined;
  }
  throw new Error('unknown command');
}

if (isMainThread) {
  process.on('message', async (command: Command) => {
    process.send?.({ answer: await run(command) });
  });
  process.send?.('ready');
} else {
  collectDefaultMetrics();
  new Info({ name: 'thread', help: 'Thread', labelNames: ['id'] }).info({ id: threadId }, { is: 'a worker' });
  alive.set({ kind: 'worker' }, 1);
  own.set({ kind: 'worker' }, threadId);
  highest.set({ kind: 'worker' }, threadId);
  parentPort?.on('message', async (order: Order) => {
    await obey(order);
    const { turn } = order;
    if (turn === undefined) parentPort?.postMessage('done');
    else setImmediate(() => countInTurn(turn));
  });
  if (workerData) countInTurn(workerData as Turn);
  parentPort?.postMessage('ready');
}

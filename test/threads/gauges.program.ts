import { once } from 'node:events';
import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads';
import { Counter, Gauge, type GaugeMerge, register } from 'promark';

// Worker threads with gauges. The main thread prints, as JSON, what its page has of them.

const ROUNDS = 300;

/** How a worker of the program records. */
interface Task {
  readonly kind: 'turns' | 'computed' | 'exiting' | 'labeled';
  readonly turns: Int32Array;
  readonly turn: number;
}

/** Two threads set each series in turn, without a pause; the thread that was started first is always the last one. */
function setInTurn({ turns, turn }: Task): void {
  const gauge = new Gauge({ name: 'last', help: 'L', labelNames: ['round'], aggregate: 'mostrecent' });
  const series = Array.from({ length: ROUNDS }, (_, round) => gauge.labels(String(round)));
  for (let round = 0; round < ROUNDS; round++) {
    const due = 2 * round + turn;
    while (Atomics.load(turns, 0) !== due);
    series[round].set(turn);
    Atomics.store(turns, 0, due + 1);
  }
}

function compute(): void {
  let value = 0;
  const define = (name: string, aggregate?: GaugeMerge) =>
    new Gauge({
      name,
      help: 'G',
      ...(aggregate && { aggregate }),
      collect() {
        this.set(value);
      },
    });
  for (const aggregate of ['min', 'sum', 'liveall'] as const) define(`computed_${aggregate}`, aggregate);
  define('computed');
  new Counter({
    name: 'computed_total',
    help: 'C',
    collect() {
      this.reset();
      this.inc(value);
    },
  });
  // What the functions use may be ready only now.
  value = 3;
}

function work(task: Task): void {
  if (task.kind === 'turns') setInTurn(task);
  else if (task.kind === 'labeled') {
    const gauge = new Gauge({ name: 'own', help: 'O', labelNames: ['worker'], aggregate: 'liveall' });
    gauge.set({ worker: 'digger' }, task.turn);
  } else compute();
  if (task.kind === 'exiting') process.exit();
  setImmediate(() => setImmediate(() => parentPort?.postMessage(threadId)));
  parentPort?.once('message', () => process.exit());
}

function start(kind: Task['kind'], turns: Int32Array, turn = 0): Worker {
  const workerData: Task = { kind, turns, turn };
  return new Worker(new URL(import.meta.url), { workerData });
}

async function main(): Promise<void> {
  const lines = async () => (await register.metrics()).split('\n').filter((line) => line !== '' && line[0] !== '#');
  const turns = new Int32Array(new SharedArrayBuffer(4));
  const workers = [1, 0].map((turn) => start('turns', turns, turn));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const last = await lines();
  await Promise.all(workers.map((worker) => worker.terminate()));
  const folded = await lines();
  const computing = start('computed', turns);
  await once(computing, 'message');
  const isOfTurns = (line: string) => line.startsWith('last{');
  const computed = (await lines()).filter((line) => !isOfTurns(line));
  await computing.terminate();
  await once(start('exiting', turns), 'exit');
  const exited = (await lines()).filter((line) => !isOfTurns(line));
  new Counter({
    name: 'computed_total',
    help: 'C',
    collect() {
      this.reset();
      this.inc();
    },
  });
  const kept = [await lines(), await lines()].map((page) => page.find((line) => line.startsWith('computed_total')));
  const labeled = [1, 2].map((turn) => start('labeled', turns, turn));
  await Promise.all(labeled.map((worker) => once(worker, 'message')));
  const own = (await lines()).filter((line) => line.startsWith('own'));
  await Promise.all(labeled.map((worker) => worker.terminate()));
  const wrong = (page: readonly string[]) => page.filter((line) => isOfTurns(line) && !line.endsWith(' 1')).length;
  console.log(
    JSON.stringify({ rounds: last.length, wrong: [wrong(last), wrong(folded)], computed, exited, kept, own }),
  );
}

if (isMainThread) await main();
else work(workerData as Task);

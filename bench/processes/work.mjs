import { execFile, fork } from 'node:child_process';
import cluster from 'node:cluster';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from '../harness/clients.mjs';
import { check, cost, longestStall, median, nanosecondsPerCall } from '../harness/loop.mjs';

const PROGRAM = fileURLToPath(new URL('./worker.mjs', import.meta.url));
const PYTHON_PROGRAM = fileURLToPath(new URL('./client.py', import.meta.url));
const SERIES = 10_000;

/** Runs work with a temporary folder in memory. */
async function inFolder(work) {
  const folder = mkdtempSync(process.platform === 'linux' ? '/dev/shm/promark-bench-' : `${tmpdir()}/promark-bench-`);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The next message of ours: clusters send others. */
function nextMessage(worker) {
  return new Promise((resolve) => {
    const listener = (message) => {
      if (message?.bench !== true) return;
      worker.off('message', listener);
      resolve(message);
    };
    worker.on('message', listener);
  });
}

async function ask(worker, message) {
  const answer = nextMessage(worker);
  worker.send({ bench: true, ...message });
  return answer;
}

/** Measures pages with the counters of some workers. */
async function pagesOf(workers, scrape, { scrapes, warmUp }) {
  const change = (share) => Promise.all(workers.map((worker) => ask(worker, { change: Math.ceil(SERIES * share) })));
  const rssBefore = process.memoryUsage().rss;
  let page;
  let stall = 0;
  const first = await cost(async () => {
    stall = await longestStall(async () => {
      page = await scrape();
    });
  });
  check(page.split('\n').length > SERIES, 'series are missing');
  const reader = (process.memoryUsage().rss - rssBefore) / 2 ** 20;
  const repeat = async (share) => {
    const results = [];
    const stalls = [];
    for (let i = -warmUp; i < scrapes; i++) {
      await change(share);
      let result;
      const longest = await longestStall(async () => {
        result = await cost(scrape);
      });
      if (i < 0) continue;
      results.push(result);
      stalls.push(longest);
    }
    return {
      wall: median(results.map(({ wall }) => wall)),
      cpu: median(results.map(({ cpu }) => cpu)),
      stall: median(stalls),
    };
  };
  const [every, few] = [await repeat(1), await repeat(0.01)];
  const worker = median((await change(0)).map(({ rss }) => rss)) / 2 ** 20;
  return {
    first: first.wall,
    firstStall: stall,
    all: every.wall,
    allCpu: every.cpu,
    allStall: every.stall,
    few: few.wall,
    fewCpu: few.cpu,
    reader,
    worker,
  };
}

/** Pages of a process that reads the files of the others without asking them for anything. */
export function promarkPages(count, options) {
  return inFolder(async (folder) => {
    const { MultiProcessCollector, Registry } = await import('promark');
    const env = { ...process.env, PROMETHEUS_MULTIPROC_DIR: folder };
    const workers = Array.from({ length: count }, (_, i) =>
      fork(PROGRAM, { env: { ...env, BENCH_WORKER: JSON.stringify(['promark', SERIES, i + 1]) } }),
    );
    await Promise.all(workers.map(nextMessage));
    const registry = new Registry();
    new MultiProcessCollector(registry, { dir: folder });
    const figures = await pagesOf(workers, async () => (await registry.render()).text, options);
    for (const worker of workers) worker.kill('SIGKILL');
    return figures;
  });
}

/** Pages of a cluster's primary. */
export async function clusterPages(name, count, options) {
  const { AggregatorRegistry } = (await import(name)).default;
  const registry = new AggregatorRegistry();
  cluster.setupPrimary({ exec: PROGRAM });
  const workers = Array.from({ length: count }, (_, i) =>
    cluster.fork({ BENCH_WORKER: JSON.stringify([name, SERIES, i + 1]) }),
  );
  await Promise.all(workers.map(nextMessage));
  const figures = await pagesOf(workers, () => registry.clusterMetrics(), options);
  for (const worker of workers) worker.process.kill('SIGKILL');
  return figures;
}

/** Pages of the Python client, if the interpreter named by PYTHON has it. */
export async function pythonPages(count, { scrapes }) {
  const python = process.env.PYTHON ?? 'python3';
  try {
    await promisify(execFile)(python, ['-c', 'import prometheus_client']);
  } catch {
    return undefined;
  }
  const args = [PYTHON_PROGRAM, count, SERIES, scrapes].map(String);
  return JSON.parse((await promisify(execFile)(python, args)).stdout);
}

/** The cost of recording by where the cells are stored. */
export async function byStore(options) {
  const { multiprocess } = await import('promark');
  const client = await load('promark');
  const { HeapStore, SharedStore } = await import('promark');
  const measure = (registry) => {
    const registers = [registry];
    const counter = new client.Counter({ name: 'c_total', help: 'c', labelNames: ['a'], registers }).labels('x');
    const histogram = new client.Histogram({ name: 'h', help: 'h', labelNames: ['a'], registers }).labels('x');
    const inc = nanosecondsPerCall((calls) => {
      for (let i = 0; i < calls; i++) counter.inc();
    }, options);
    const observe = nanosecondsPerCall((calls) => {
      for (let i = 0; i < calls; i++) histogram.observe((i & 1023) / 100);
    }, options);
    return { inc, observe };
  };
  return inFolder(async (folder) => {
    const shared = (mapped) => {
      const registry = new client.Registry({ store: new SharedStore(), logger: { warn() {} } });
      const group = multiprocess({ registry, dir: folder, mapped });
      check(group.isMapped === mapped, 'files cannot be mapped: install koffi');
      return registry;
    };
    const stores = {
      Heap: () => new client.Registry({ store: new HeapStore() }),
      Shared: () => new client.Registry({ store: new SharedStore() }),
      Mapped: () => shared(true),
      Buffered: () => shared(false),
    };
    const figures = {};
    // Whatever is compiled first would have an advantage: the better of two turns counts.
    for (let turn = 0; turn < 2; turn++) {
      for (const [name, make] of Object.entries(stores)) {
        const { inc, observe } = measure(make());
        figures[`inc${name}`] = Math.min(inc, figures[`inc${name}`] ?? Number.POSITIVE_INFINITY);
        figures[`observe${name}`] = Math.min(observe, figures[`observe${name}`] ?? Number.POSITIVE_INFINITY);
      }
    }
    return figures;
  });
}

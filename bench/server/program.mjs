// A program with metrics that follows its parent's messages: `node program.mjs <series>`. Started by driven.mjs.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startHttpServer } from 'promark';
import { load, warm } from '../harness/clients.mjs';
import { check, cost, longestStall, nanosecondsPerCall } from '../harness/loop.mjs';
import { LABEL_NAMES, methodOf, methods, routeOf, routes, SETS, statuses, statusOf } from '../harness/traffic.mjs';

const client = await load('promark');
const registry = new client.Registry({ maxSeries: 0 });
const counter = new client.Counter({ name: 'c_total', help: 'C', labelNames: LABEL_NAMES, registers: [registry] });
const series = Number(process.argv[2]);
const children = Array.from({ length: series }, (_, i) => counter.labels(methodOf(i), routeOf(i), statusOf(i)));
const countAll = () => {
  for (const child of children) child.inc();
};

const startServer = () => startHttpServer({ port: 0, host: '127.0.0.1', registry });

const does = {
  /** Starts the server; returns the wall and processor time this took, and the server's URL. */
  async start() {
    let url;
    const { wall, cpu } = await cost(async () => {
      url = (await startServer()).url;
    });
    return { wall, cpu, url };
  },

  /**
   * Starts the server; returns the longest time for which the event loop was blocked meanwhile. The loop runs
   * continuously.
   */
  stall: () => longestStall(startServer),

  /** Has a gauge take its value from a function. */
  compute() {
    new client.Gauge({ name: 'computed', help: 'G', registers: [registry] }).setFunction(() => series);
  },

  /** Memory in bytes once idle. */
  async rss() {
    await new Promise((resolve) => setTimeout(resolve, 500));
    collectGarbage();
    return process.memoryUsage.rss();
  },

  /** Records in all series a hundred times a second, yielding in between. */
  count() {
    setInterval(countAll, 10);
  },

  /** Records in all series over and over for some time, yielding every 2 ms. Returns millions of calls a second. */
  async record({ ms }) {
    let rounds = 0;
    const from = performance.now();
    while (performance.now() < from + ms) {
      const yieldAt = performance.now() + 2;
      for (; performance.now() < yieldAt; rounds++) countAll();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (rounds * children.length) / (performance.now() - from) / 1000;
  },

  /** Records in all series once every 20 ms for some time: all values change between scrapes, and the program is idle. */
  async pace({ ms }) {
    for (const until = performance.now() + ms; performance.now() < until; ) {
      countAll();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },

  /** Records in all series without yielding. */
  block({ ms }) {
    const until = performance.now() + ms;
    while (performance.now() < until) countAll();
  },

  /** Nanoseconds per `inc()` of a bound child. */
  async inc(options) {
    await warm(client);
    const bound = methods.map((method, i) => counter.labels(method, routes[i], statuses[i]));
    let calls = 0;
    const nanoseconds = nanosecondsPerCall((n) => {
      for (let i = 0; i < n; i++) bound[i & (SETS - 1)].inc();
      calls += n;
    }, options);
    const { values } = await counter.get();
    check(values.reduce((sum, { value }) => sum + value, 0) === calls, 'increments are missing');
    return nanoseconds;
  },
};

/** Only enabled now: with a flag on the command line, Node's own modules would be compiled again for each thread. */
function collectGarbage() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

process.on('message', async ({ what, ...options }) => process.send({ done: await does[what](options) }));
process.once('disconnect', () => process.exit());
process.send({ done: true });

import { PerformanceObserver } from 'node:perf_hooks';
import { ofClients, warm } from '../harness/clients.mjs';
import { check, median } from '../harness/loop.mjs';
import { Samples, waitForFullSpeed } from '../harness/samples.mjs';
import { LABEL_NAMES, methodOf, routeOf, statusOf } from '../harness/traffic.mjs';

const NEW = 10_000;
const LIVE = 100_000;
const MANY = 1_000_000;
/** Number of series added at once when looking for pauses: few, so that it is pauses of single calls that show. */
const BATCH = 50;
/** Milliseconds from which on a batch has paused. */
const PAUSE_MS = 0.5;

const make = (client, name) =>
  new client.Counter({ name, help: 'S', labelNames: LABEL_NAMES, maxSeries: 0, registers: [new client.Registry()] });

const labelsOf = (i) => ({ method: methodOf(i), route: routeOf(i), status: statusOf(i) });

/**
 * Nanoseconds for each new series from `from` on: wall time or, if less, processor time, which excludes the time of
 * other programs.
 */
function added(counter, from, count) {
  const used = process.cpuUsage();
  const start = performance.now();
  for (let i = from; i < from + count; i++) counter.inc(labelsOf(i));
  const took = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  return (Math.min(took, (user + system) / 1000) * 1e6) / count;
}

function addedFresh(counter) {
  waitForFullSpeed();
  return added(counter, 0, NEW);
}

/** The least program: all in one function, with arrays that are large enough, and without removal or limits. */
function leastIndex() {
  const numbers = LABEL_NAMES.map(() => new Map());
  const table = new Int32Array(4 * NEW);
  const tuples = new Int32Array(3 * NEW);
  const cells = new Float64Array(NEW);
  const starts = new Float64Array(NEW);
  const tuple = new Int32Array(3);
  let rows = 0;
  return (labels) => {
    let next = 0;
    let hash = 0;
    for (const label in labels) {
      if (label !== LABEL_NAMES[next]) throw label;
      let number = numbers[next].get(labels[label]);
      if (number === undefined) {
        number = numbers[next].size;
        numbers[next].set(labels[label], number);
      }
      hash = Math.imul(hash ^ number, 0x9e3779b1);
      tuple[next++] = number;
    }
    let at = (hash >>> 1) % table.length;
    for (; table[at] !== 0; at = (at + 1) % table.length) {
      const base = (table[at] - 1) * 3;
      if (tuples[base] !== tuple[0] || tuples[base + 1] !== tuple[1] || tuples[base + 2] !== tuple[2]) continue;
      cells[table[at] - 1] += 1;
      return;
    }
    tuples.set(tuple, rows * 3);
    starts[rows] = Date.now();
    cells[rows] += 1;
    table[at] = ++rows;
  };
}

export default [
  {
    name: 'series-fresh',
    // Only the first series of a process are created by code that is not compiled yet.
    processes: 5,
    rows: [
      { work: 'a new series, the first 10 000 of a process', value: 'fresh', unit: 'ns', against: 'peers', atLeast: 1 },
      { work: 'a new series, the first 10 000 of a process', value: 'fresh', unit: 'ns', against: 'limit' },
    ],
    work: {
      limit: () => ({ fresh: addedFresh({ inc: leastIndex() }) }),
      ...ofClients((client) => ({ fresh: addedFresh(make(client, 'fresh_total')) })),
    },
    limit: 'one function with a Map for each label, tuples, a hash table, a time and a cell',
  },
  {
    name: 'series',
    rows: [
      { work: 'a new series', value: 'warm', unit: 'ns', against: 'peers', atLeast: 1.5 },
      {
        work: 'a series removed and another added, 100 000 live',
        value: 'exchanged',
        unit: 'ns',
        against: 'peers',
        atLeast: 2,
      },
    ],
    work: ofClients(async (client, { quick }) => {
      await warm(client);
      const wanted = quick ? 3 : 20;
      const times = new Samples(wanted);
      while (times.wanted()) times.add(added(make(client, 's_total'), 0, NEW));
      const counter = make(client, 'live_total');
      added(counter, 0, LIVE);
      let next = LIVE;
      const exchanges = new Samples(wanted);
      while (exchanges.wanted()) {
        const start = performance.now();
        for (let i = 0; i < NEW; i++, next++) {
          counter.remove(labelsOf(next - LIVE));
          counter.inc(labelsOf(next));
        }
        exchanges.add(((performance.now() - start) * 1e6) / NEW);
      }
      check((await counter.get()).values.length === LIVE, 'series are missing');
      return { warm: Math.min(...times.values), exchanged: median(exchanges.values) };
    }),
  },
  {
    name: 'series-1m',
    slow: true,
    // Without incremental marking, whose first step takes up to 6 ms and is not reported to a PerformanceObserver.
    flags: ['--max-old-space-size=8192', '--no-incremental-marking'],
    rows: [
      { work: 'a new series, up to 1 000 000', value: 'each', unit: 'ns', against: 'peers', atLeast: 1.5 },
      {
        work: 'longest pause of adding 1 000 000 series, without garbage collection',
        value: 'ownPause',
        unit: 'ms',
        against: 'itself',
        atMost: 5,
      },
      { work: 'the same, with garbage collection', value: 'pause', unit: 'ms', against: 'itself' },
    ],
    work: ofClients(async (client, { quick }) => {
      await warm(client);
      const counter = make(client, 'many_total');
      const count = quick ? MANY / 10 : MANY;
      const collections = [];
      const observer = new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) collections.push({ startTime, duration });
      });
      observer.observe({ entryTypes: ['gc'] });
      const pauses = [];
      let each = 0;
      waitForFullSpeed();
      for (let i = 0; i < count; i += BATCH) {
        const startTime = performance.now();
        const ms = (added(counter, i, BATCH) * BATCH) / 1e6;
        each += (ms * 1e6) / count;
        if (ms > PAUSE_MS) pauses.push({ ms, startTime, endTime: performance.now() });
      }
      // Collections are reported in a later turn of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 50));
      observer.disconnect();
      const own = pauses.map(({ ms, startTime, endTime }) => {
        const inside = collections.filter((one) => one.startTime >= startTime && one.startTime < endTime);
        return ms - inside.reduce((sum, { duration }) => sum + duration, 0);
      });
      return { each, pause: Math.max(...pauses.map(({ ms }) => ms)), ownPause: Math.max(...own) };
    }),
  },
];

// The least that `inc({ a, b, c })` takes in a library for any label names and any series, next to promark and its peers:
// node bench/least-labelled-call.mjs
import { CLIENTS, load, warm } from './harness/clients.mjs';
import { nanosecondsPerCall } from './harness/loop.mjs';
import { LABEL_NAMES, methods, routes, SETS, statuses } from './harness/traffic.mjs';

/** Enough for this program: a library has to grow its tables. */
const VALUES = 16;

/**
 * Reads the labels and checks that there are no others, finds the number of each value in a Map, and the cell of the three
 * numbers in a table with a place for every combination. No removal, no growth, no other order, no validation.
 */
class LeastCounter {
  constructor(labelNames) {
    this.labelNames = labelNames;
    [this.first, this.second, this.third] = labelNames.map(() => new Map());
    this.rows = new Int32Array(VALUES ** 3);
    this.cells = new Float64Array(VALUES ** 3);
    this.count = 0;
  }

  inc(labels, value = 1) {
    const { labelNames } = this;
    let a;
    let b;
    let c;
    let next = 0;
    for (const label in labels) {
      if (label !== labelNames[next]) throw new Error(label);
      const text = labels[label];
      if (next === 0) a = text;
      else if (next === 1) b = text;
      else c = text;
      next += 1;
    }
    if (next < 3) throw new Error('labels are missing');
    this.cells[this.rowOf(a, b, c)] += value;
  }

  rowOf(a, b, c) {
    const first = this.first.get(a);
    const second = this.second.get(b);
    const third = this.third.get(c);
    if (first === undefined || second === undefined || third === undefined) return this.add(a, b, c);
    const row = this.rows[(first * VALUES + second) * VALUES + third];
    return row > 0 ? row : this.add(a, b, c);
  }

  add(...values) {
    const numbers = [this.first, this.second, this.third].map((map, i) => {
      if (!map.has(values[i])) map.set(values[i], map.size);
      return map.get(values[i]);
    });
    this.count += 1;
    this.rows[(numbers[0] * VALUES + numbers[1]) * VALUES + numbers[2]] = this.count;
    return this.count;
  }
}

const loopOver = new Function(
  ...['subject', 'methods', 'routes', 'statuses'],
  `return (n) => { for (let i = 0; i < n; i++) { const set = i & ${SETS - 1};
    subject.inc({ method: methods[set], route: routes[set], status: statuses[set] }); } }`,
);

async function subjectOf(name) {
  if (CLIENTS.includes(name)) {
    const client = await load(name);
    await warm(client);
    return new client.Counter({
      name: 'c_total',
      help: 'C',
      labelNames: LABEL_NAMES,
      registers: [new client.Registry()],
    });
  }
  // As the peers are warmed up: V8 must not take the names of one counter for those of all.
  for (const prefix of ['alpha', 'beta', 'gamma', 'delta', 'epsilon']) {
    const names = LABEL_NAMES.map((label) => `${prefix}_${label}`);
    const counter = new LeastCounter(names);
    for (let i = 0; i < 4000; i++) counter.inc(Object.fromEntries(names.map((label, at) => [label, (i >> at) & 3])));
  }
  return new LeastCounter(LABEL_NAMES);
}

// Each in its own process, so that none is compiled for the objects of another.
const [name] = process.argv.slice(2);
if (name === undefined) {
  const { spawnSync } = await import('node:child_process');
  for (const one of ['least', ...CLIENTS]) {
    spawnSync(process.execPath, [import.meta.filename, one], { stdio: 'inherit' });
  }
} else {
  const subject = await subjectOf(name);
  const took = nanosecondsPerCall(loopOver(subject, methods, routes, statuses), { sampleMs: 5, samples: 100 });
  console.log(`${name}: ${took.toFixed(1)} ns`);
}

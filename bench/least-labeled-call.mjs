// The least that a labeled call takes in a library for any label names and any series, next to promark and its peers:
// node bench/least-labeled-call.mjs [the start of a form's name]
import { readCommandLine } from '../scripts/program.mjs';
import { CLIENTS, load, warm } from './harness/clients.mjs';
import { nanosecondsPerCall } from './harness/loop.mjs';
import { countOnlyAt, fullSpeedHere } from './harness/samples.mjs';
import { BUCKETS, LABEL_NAMES, methods, routes, SETS, statuses } from './harness/traffic.mjs';

/** Values of each label that the tables here have room for: a library has to grow them. */
const VALUES = 16;
const FEW_VALUES = 4;

/**
 * Reads three labels and checks that there are no others, finds the number of each value in a Map, and the row of the three
 * numbers in a table with a place for every combination. No removal, no growth, no other order, no validation.
 */
class LeastOfThree {
  constructor(labelNames) {
    this.labelNames = labelNames;
    [this.first, this.second, this.third] = labelNames.map(() => new Map());
    this.rows = new Int32Array(VALUES ** 3);
    this.count = 0;
  }

  rowOf(labels) {
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
    return this.rowOfValues(a, b, c);
  }

  rowOfValues(a, b, c) {
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

/** The same for any number of labels, in the order of the last call: each value is looked up as it is read. */
class LeastOfAny {
  constructor(labelNames) {
    this.labelNames = labelNames;
    this.values = labelNames.map(() => new Map());
    const values = labelNames.length > 3 ? FEW_VALUES : VALUES;
    this.strides = labelNames.map((_, i) => values ** i);
    this.rows = new Int32Array(values ** labelNames.length);
    this.count = 0;
    this.inOrder(labelNames);
  }

  inOrder(names) {
    const positions = names.map((name) => this.labelNames.indexOf(name));
    if (positions.includes(-1) || positions.length !== this.labelNames.length) throw new Error(names.join());
    this.names = names;
    this.maps = positions.map((position) => this.values[position]);
    this.factors = Int32Array.from(positions, (position) => this.strides[position]);
  }

  rowOf(labels) {
    const { names, maps, factors } = this;
    let place = 0;
    let next = 0;
    for (const label in labels) {
      if (label !== names[next]) return this.rowInOtherOrder(labels);
      const number = maps[next].get(labels[label]);
      if (number === undefined) return this.add(labels);
      place += Math.imul(number, factors[next]);
      next += 1;
    }
    if (next < names.length) throw new Error('labels are missing');
    const row = this.rows[place];
    return row > 0 ? row : this.add(labels);
  }

  rowInOtherOrder(labels) {
    this.inOrder(Object.keys(labels));
    return this.rowOf(labels);
  }

  add(labels) {
    let place = 0;
    this.labelNames.forEach((name, i) => {
      const map = this.values[i];
      if (!map.has(labels[name])) map.set(labels[name], map.size);
      place += map.get(labels[name]) * this.strides[i];
    });
    this.count += 1;
    this.rows[place] = this.count;
    return this.count;
  }
}

/** What a row's cells are, and what a call adds to them. */
class LeastCounter {
  constructor(index) {
    this.index = index;
    this.cells = new Float64Array(VALUES ** 3);
    this.children = [];
  }

  inc(labels, value = 1) {
    this.cells[this.index.rowOf(labels)] += value;
  }

  set(labels, value) {
    this.cells[this.index.rowOf(labels)] = value;
  }

  labels(a, b, c) {
    const row = this.index.rowOfValues(a, b, c);
    let child = this.children[row];
    if (child === undefined) {
      child = new LeastChild(this.cells, row);
      this.children[row] = child;
    }
    return child;
  }
}

class LeastChild {
  constructor(cells, index) {
    this.cells = cells;
    this.index = index;
  }

  inc(value = 1) {
    this.cells[this.index] += value;
  }
}

class LeastHistogram {
  constructor(index) {
    this.index = index;
    this.bounds = Float64Array.from(BUCKETS);
    this.cells = new Float64Array(VALUES ** 3 * (BUCKETS.length + 2));
  }

  observe(labels, value) {
    const { bounds, cells } = this;
    const from = this.index.rowOf(labels) * (bounds.length + 2);
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket++;
    cells[from + bucket] += 1;
    cells[from + bounds.length + 1] += value;
  }
}

/** As in the cases of `npm run bench -- core --filter labels`. */
const word = (set, position) => Buffer.from(`value ${(set >> (position % 6)) & 1} of label ${position}`).toString();
const wide = (count) => {
  const names = Array.from({ length: count }, (_, i) => `label_${i}`);
  return { names, columns: names.map((_, i) => Array.from({ length: SETS }, (_, set) => word(set, i))) };
};
const traffic = { names: LABEL_NAMES, columns: [methods, routes, statuses] };

const FORMS = {
  'inc({ a, b, c })': { ...traffic, index: LeastOfThree },
  'set({ a, b, c }, v)': { ...traffic, index: LeastOfThree, type: 'Gauge', call: 'set', value: '3' },
  'observe({ a, b, c }, v)': { ...traffic, index: LeastOfThree, type: 'Histogram', call: 'observe', value: '0.03' },
  'labels(a, b, c).inc()': { ...traffic, index: LeastOfThree, isPositional: true },
  'inc({ a })': { ...wide(1), index: LeastOfAny },
  'inc({ a, b })': { ...wide(2), index: LeastOfAny },
  // A number is looked up as such: what makes it one series with the string runs only when it is added.
  'inc({ a, b, c }), c a number': { ...traffic, columns: [methods, routes, statuses.map(Number)], index: LeastOfThree },
  'inc() with 5 labels': { ...wide(5), index: LeastOfAny },
  'inc() with 8 labels': { ...wide(8), index: LeastOfAny },
  'inc({ c, a, b }), another order': { ...traffic, index: LeastOfAny, order: [2, 0, 1] },
};

function loopOver(subject, { names, columns, order = names.map((_, i) => i), call = 'inc', value, isPositional }) {
  const object = `{ ${order.map((i) => `${names[i]}: c${i}[set]`).join(', ')} }`;
  const code = isPositional
    ? `subject.labels(${names.map((_, i) => `c${i}[set]`)}).inc()`
    : `subject.${call}(${[object, value].filter(Boolean)})`;
  const source = `return (n) => { for (let i = 0; i < n; i++) { const set = i & ${SETS - 1}; ${code}; } }`;
  return new Function('subject', ...names.map((_, i) => `c${i}`), source)(subject, ...columns);
}

async function subjectOf(name, { names, index: Index, type = 'Counter', call = 'inc' }) {
  if (CLIENTS.includes(name)) {
    const client = await load(name);
    await warm(client);
    const config = { name: 'c_total', help: 'C', labelNames: names, registers: [new client.Registry()] };
    return new client[type](type === 'Histogram' ? { ...config, buckets: BUCKETS } : config);
  }
  const Least = type === 'Histogram' ? LeastHistogram : LeastCounter;
  // As the peers are warmed up: V8 must not take the names of one metric for those of all.
  for (const prefix of ['alpha', 'beta', 'gamma', 'delta', 'epsilon']) {
    const own = names.map((label) => `${prefix}_${label}`);
    const metric = new Least(new Index(own));
    for (let i = 0; i < 4000; i++)
      metric[call](Object.fromEntries(own.map((label, at) => [label, `value ${(i >> at) & 3}`])), 1);
  }
  return new Least(new Index(names));
}

// Each in its own process, so that none is compiled for the objects of another.
const [flag, form, name] = process.argv.slice(2);
if (flag !== '--one') {
  const forms = Object.keys(FORMS);
  const known = {
    expected: `the start of ${forms.join(', ')}`,
    accepts: (text) => forms.some((key) => key.startsWith(text)),
  };
  const { operands } = readCommandLine(import.meta.url, { operands: { most: 1, rule: known } });
  const { spawnSync } = await import('node:child_process');
  for (const one of forms.filter((key) => key.startsWith(operands[0] ?? ''))) {
    const ofEach = ['least', ...CLIENTS].map((client) => {
      const { stdout } = spawnSync(process.execPath, [import.meta.filename, '--one', one, client], {
        encoding: 'utf8',
      });
      return `${client} ${stdout.trim()} ns`;
    });
    console.log(`${one}: ${ofEach.join(', ')}`);
  }
} else {
  const way = FORMS[form];
  const subject = await subjectOf(name, way);
  countOnlyAt(fullSpeedHere(3000));
  console.log(nanosecondsPerCall(loopOver(subject, way), { sampleMs: 1, samples: 600 }).toFixed(1));
}

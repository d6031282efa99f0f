// The least that a new series takes in a library for any labels, next to promark and its peers, in a process that has made
// none before, and once V8 has compiled the code: node bench/least-new-series.mjs [processes]
import { readCommandLine, rule } from '../scripts/program.mjs';
import { CLIENTS, load } from './harness/clients.mjs';
import { check, median } from './harness/loop.mjs';
import { LABEL_NAMES, methodOf, routeOf, statusOf } from './harness/traffic.mjs';

const NEW = 10_000;
const MANY = 1_000_000;
const BLOCK_LOG2 = 12;
const BLOCK = 1 << BLOCK_LOG2;
const GONE = -1;

/**
 * A counter with any labels, whose series can be removed, are limited in number, and are reported to a publisher if there
 * is one. Its cells stay where they are, for bound children. It is written in as few functions as possible, because each
 * runs uncompiled at first. It grows in one go, counts removed entries of its table until then, has no children, no
 * `collect`, exemplars, groups of a page, curried labels or memory that other threads can read.
 */
class LeastCounter {
  constructor({ labelNames, maxSeries }) {
    this.labelNames = labelNames;
    this.maxSeries = maxSeries;
    this.numbers = labelNames.map(() => new Map());
    this.texts = labelNames.map(() => []);
    this.uses = labelNames.map(() => []);
    this.free = labelNames.map(() => []);
    this.factors = Int32Array.from(labelNames, (_, i) => Math.imul(0x9e3779b1, 2 * i + 1));
    this.tuple = new Int32Array(labelNames.length);
    this.table = new Int32Array(16);
    this.entries = 0;
    this.tuples = new Int32Array(8 * labelNames.length);
    this.starts = new Float64Array(8);
    this.blocks = [];
    this.spare = [];
    this.rows = 0;
    this.live = 0;
    this.overflow = -1;
    this.publisher = undefined;
  }

  inc(labels, value = 1) {
    if (!(typeof value === 'number' && value >= 0 && value < Infinity)) throw new TypeError(String(value));
    const row = this.rowOf(labels, true);
    this.blocks[row >> BLOCK_LOG2][row & (BLOCK - 1)] += value;
  }

  remove(labels) {
    const row = this.rowOf(labels, false);
    if (row < 0) return;
    this.table[this.table.indexOf(row + 1)] = GONE;
    this.blocks[row >> BLOCK_LOG2][row & (BLOCK - 1)] = 0;
    this.starts[row] = 0;
    this.spare.push(row);
    this.live -= 1;
    if (row === this.overflow) this.overflow = -1;
    for (let i = 0; i < this.labelNames.length; i++) {
      const number = this.tuples[row * this.labelNames.length + i];
      this.uses[i][number] -= 1;
      if (this.uses[i][number] > 0) continue;
      this.numbers[i].delete(this.texts[i][number]);
      this.free[i].push(number);
    }
    this.publisher?.removed(row);
  }

  /** Returns the row of a series, which is added if `adds`; otherwise -1 if there is none. */
  rowOf(labels, adds) {
    const { labelNames, numbers, factors, tuple, table, tuples } = this;
    const { length } = labelNames;
    let next = 0;
    let sum = 0;
    for (const label in labels) {
      if (label !== labelNames[next]) return this.rowOf(this.inOrder(labels), adds);
      const number = numbers[next].get(labels[label]) ?? -1;
      tuple[next] = number;
      sum += Math.imul(number, factors[next]);
      next += 1;
    }
    if (next < length) return this.rowOf(this.inOrder(labels), adds);
    const mask = table.length - 1;
    for (let at = (sum ^ (sum >>> 15)) & mask; ; at = (at + 1) & mask) {
      const entry = table[at];
      if (entry === 0) break;
      const base = (entry - 1) * length;
      let i = 0;
      while (i < length && tuples[base + i] === tuple[i]) i++;
      if (i === length && entry > 0) return entry - 1;
    }
    return adds ? this.add(labels) : -1;
  }

  add(labels) {
    const { labelNames, numbers, tuple, factors } = this;
    const { length } = labelNames;
    if (this.live >= this.maxSeries) return this.overflowRow();
    const values = [];
    for (let i = 0; i < length; i++) {
      const value = labels[labelNames[i]];
      if (typeof value === 'string' && value.isWellFormed()) values.push(value);
      // Found by the string, if the value was another one.
      else return this.rowOf({ ...labels, [labelNames[i]]: textOf(value, labelNames[i]) }, true);
    }
    const row = this.spare.length > 0 ? this.spare.pop() : this.rows++;
    if (row >= this.starts.length) {
      const [starts, before] = [this.starts, this.tuples];
      this.starts = new Float64Array(starts.length * 2);
      this.starts.set(starts);
      this.tuples = new Int32Array(before.length * 2);
      this.tuples.set(before);
    }
    if (row >> BLOCK_LOG2 === this.blocks.length) this.blocks.push(new Float64Array(BLOCK));
    let sum = 0;
    for (let i = 0; i < length; i++) {
      let number = tuple[i];
      if (number < 0) {
        number = this.free[i].length > 0 ? this.free[i].pop() : this.texts[i].length;
        numbers[i].set(values[i], number);
        this.texts[i][number] = values[i];
        this.uses[i][number] = 0;
      }
      this.uses[i][number] += 1;
      this.tuples[row * length + i] = number;
      sum += Math.imul(number, factors[i]);
    }
    this.starts[row] = Date.now();
    this.live += 1;
    this.entries += 1;
    if (this.entries * 2 > this.table.length) this.widen();
    const { table } = this;
    let at = (sum ^ (sum >>> 15)) & (table.length - 1);
    while (table[at] > 0) at = (at + 1) & (table.length - 1);
    table[at] = row + 1;
    if (this.publisher !== undefined) this.publisher.added(row, values);
    return row;
  }

  widen() {
    const { table: before, factors, tuples } = this;
    const { length } = factors;
    this.table = new Int32Array(before.length * 4);
    this.entries = this.live;
    const mask = this.table.length - 1;
    for (const entry of before) {
      if (entry <= 0) continue;
      let sum = 0;
      for (let i = 0; i < length; i++) sum += Math.imul(tuples[(entry - 1) * length + i], factors[i]);
      let at = (sum ^ (sum >>> 15)) & mask;
      while (this.table[at] > 0) at = (at + 1) & mask;
      this.table[at] = entry;
    }
  }

  overflowRow() {
    if (this.overflow >= 0) return this.overflow;
    const { maxSeries } = this;
    this.maxSeries = Infinity;
    this.overflow = this.rowOf(Object.fromEntries(this.labelNames.map((label) => [label, '__overflow__'])), true);
    this.maxSeries = maxSeries;
    return this.overflow;
  }

  /** The labels in the order of their names. Labels that are missing are empty. */
  inOrder(labels) {
    for (const label in labels) if (!this.labelNames.includes(label)) throw new TypeError(label);
    return Object.fromEntries(this.labelNames.map((label) => [label, labels[label] ?? '']));
  }
}

function textOf(value, label) {
  if (typeof value === 'string') return value.toWellFormed();
  if (value === undefined || value === null) return '';
  if (typeof value !== 'number' && typeof value !== 'boolean') throw new TypeError(label);
  return String(value);
}

const labelsOf = (i) => ({ method: methodOf(i), route: routeOf(i), status: statusOf(i) });

/** Nanoseconds per series: wall time or, if less, processor time, which excludes the time of other programs. */
function added(counter, count = NEW) {
  const used = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < count; i++) counter.inc(labelsOf(i));
  const took = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  return (Math.min(took, (user + system) / 1000) * 1e6) / count;
}

/** Whether the least program does what it claims. */
function checkLeast(counter) {
  check(counter.live === NEW, 'series are missing');
  const log = [];
  counter.publisher = { added: (row) => log.push(row), removed: (row) => log.push(-row) };
  for (let i = 0; i < 1000; i++) counter.remove(labelsOf(i));
  counter.inc({ status: 200, route: routeOf(0), method: 'GET' });
  for (let i = 0; i < 1000; i++) counter.inc(labelsOf(i));
  check(counter.live === NEW && log.length === 2000, 'series were not removed, or added twice');
  counter.maxSeries = NEW;
  counter.inc(labelsOf(NEW));
  counter.inc(labelsOf(NEW + 1));
  check(counter.live === NEW + 1, 'the limit does not hold');
}

/** The first metric of a process, the fastest of those that follow, and one with a million series. */
function measured(make) {
  const first = make(0);
  const fresh = added(first);
  if (first instanceof LeastCounter) checkLeast(first);
  const warm = Math.min(...Array.from({ length: 40 }, (_, i) => added(make(i + 1))));
  const large = make('large');
  const many = added(large, MANY);
  if (large instanceof LeastCounter) check(large.live === MANY, 'series are missing');
  return { fresh, warm, many };
}

async function makerOf(name) {
  if (name === 'least') return () => new LeastCounter({ labelNames: LABEL_NAMES, maxSeries: Infinity });
  const client = await load(name);
  const { Counter, Registry } = client;
  const config = { help: 'S', labelNames: LABEL_NAMES, maxSeries: 0 };
  return (i) => new Counter({ ...config, name: `s${i}_total`, registers: [new Registry()] });
}

// Each in a process of its own.
const [flag, name] = process.argv.slice(2);
if (flag === '--one') {
  console.log(JSON.stringify(measured(await makerOf(name))));
} else {
  const { operands } = readCommandLine(import.meta.url, { operands: { most: 1, rule: rule.wholeNumber(1) } });
  const { spawnSync } = await import('node:child_process');
  const all = Object.fromEntries(['least', ...CLIENTS].map((client) => [client, []]));
  for (let i = 0; i < Number(operands[0] ?? 9); i++) {
    const names = Object.keys(all);
    for (const one of i % 2 === 0 ? names : names.reverse()) {
      // The peers' million series exceed Node's default heap limit.
      const flags = ['--max-old-space-size=8192', import.meta.filename, '--one', one];
      const { stdout } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
      all[one].push(JSON.parse(stdout));
    }
  }
  for (const kind of ['fresh', 'warm', 'many']) {
    for (const [one, results] of Object.entries(all)) {
      const ofLeast = median(results.map((result, i) => result[kind] / all.least[i][kind]));
      console.log(
        `${kind}, ${one}: ${median(results.map((r) => r[kind])).toFixed(0)} ns, ${ofLeast.toFixed(2)} × least`,
      );
    }
  }
}

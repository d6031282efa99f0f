import type { LiveNative } from '../lib/page/live-data.js';
import type { Family, Store } from './families.js';
import { Memo } from './memo.js';

/** Seconds over which rates and quantiles are taken. */
export const WINDOW = 10;

/** How much a line has grown between two times; a counter that fell has begun anew. */
export function growth(family: Family, row: number, line: number, from: number, to: number): number {
  const after = family.at(to, row, line);
  const before = family.at(from, row, line);
  // A series that was not there before has begun at 0.
  if (Number.isNaN(before)) return family.history[from] === undefined ? Number.NaN : after;
  return after < before ? after : after - before;
}

/** The growth a second of one line over the window that ends at a time. */
export function rateAt(store: Store, family: Family, row: number, line: number, to: number): number {
  const from = Math.max(0, to - WINDOW);
  const seconds = store.times[to] - store.times[from];
  return seconds > 0 ? growth(family, row, line, from, to) / seconds : Number.NaN;
}

const rateSums = new Memo<number>();

/** The sum of rates of some rows in the line that stands for a series; NaN where none is known. */
export function sumOfRates(store: Store, family: Family, rows: readonly number[], to: number): number {
  return rateSums.at(family, rows, to, () => addRates(store, family, rows, to));
}

function addRates(store: Store, family: Family, rows: readonly number[], to: number): number {
  const line = mainLine(family);
  let [sum, known] = [0, false];
  for (const row of rows) {
    const rate = rateAt(store, family, row, line, to);
    if (Number.isNaN(rate)) continue;
    sum += rate;
    known = true;
  }
  return known ? sum : Number.NaN;
}

/** The line that stands for a series: its count, or its only one. */
export function mainLine(family: Family): number {
  const count = family.lineOf('_count');
  return count >= 0 ? count : Math.max(0, family.lineOf('_gcount'));
}

/** Observations between two bounds. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
  count: number;
}

const lately = new Memo<Bucket[]>();
const since = new Memo<Bucket[]>();

/** The observations of some rows over the window that ends at a time, by rising bound. */
export function observedLately(family: Family, rows: readonly number[], to: number): Bucket[] {
  return lately.at(family, rows, to, () => observed(family, rows, Math.max(0, to - WINDOW), to));
}

/** The observations of some rows since the sample before. */
export function observedNew(family: Family, rows: readonly number[], to: number): Bucket[] {
  return to === 0 ? [] : since.at(family, rows, to, () => observed(family, rows, to - 1, to));
}

function observed(family: Family, rows: readonly number[], from: number, to: number): Bucket[] {
  // Native buckets are finer, and a family that has only these has the bound +Inf all the same.
  const native = family.nativeHistory[to];
  if (native === undefined) return classicBuckets(family, rows, from, to);
  return family.history[from] === undefined ? [] : nativeBuckets(native, family.nativeHistory[from], rows);
}

/** A bound as the page of the family writes it. */
function boundOf(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function classicBuckets(family: Family, rows: readonly number[], from: number, to: number): Bucket[] {
  // A gauge histogram has what is there now, and nothing that grows.
  const isCurrent = family.head.type === 'gaugehistogram';
  const buckets: Bucket[] = [];
  let low = Number.NEGATIVE_INFINITY;
  let below = 0;
  family.head.lines.forEach(([, label, text], line) => {
    if (label !== 'le') return;
    const high = boundOf(text);
    let total = 0;
    for (const row of rows) total += (isCurrent ? family.at(to, row, line) : growth(family, row, line, from, to)) || 0;
    buckets.push({
      low: low === Number.NEGATIVE_INFINITY && high > 0 ? 0 : low,
      high,
      count: Math.max(0, total - below),
    });
    below = total;
    low = high;
  });
  return buckets;
}

function nativeBuckets(
  after: ReadonlyMap<number, LiveNative>,
  before: ReadonlyMap<number, LiveNative> | undefined,
  rows: readonly number[],
): Bucket[] {
  let schema = 8;
  const used = rows.flatMap((row): { sign: number; native: LiveNative }[] => {
    const [now, then] = [after.get(row), before?.get(row)];
    if (now === undefined) return [];
    schema = Math.min(schema, now.schema, then?.schema ?? now.schema);
    return then === undefined
      ? [{ sign: 1, native: now }]
      : [
          { sign: 1, native: now },
          { sign: -1, native: then },
        ];
  });
  const [positive, negative] = [new Map<number, number>(), new Map<number, number>()];
  let [zero, threshold] = [0, 0];
  for (const { sign, native } of used) {
    zero += sign * native.zeroCount;
    threshold = Math.max(threshold, native.zeroThreshold);
    fold(native.positive, native.schema - schema, sign, positive);
    fold(native.negative, native.schema - schema, sign, negative);
  }
  const bound = (index: number) => 2 ** (index * 2 ** -schema);
  const list: Bucket[] = [];
  for (const [index, count] of negative) list.push({ low: -bound(index), high: -bound(index - 1), count });
  if (zero > 0) list.push({ low: -threshold, high: threshold, count: zero });
  for (const [index, count] of positive) list.push({ low: bound(index - 1), high: bound(index), count });
  return list.filter(({ count }) => count > 0).sort((a, b) => a.low - b.low);
}

/** Adds buckets to those of a coarser resolution. */
function fold(pairs: readonly number[], steps: number, sign: number, into: Map<number, number>): void {
  for (let i = 0; i < pairs.length; i += 2) {
    const index = Math.ceil(pairs[i] / 2 ** steps);
    into.set(index, (into.get(index) ?? 0) + sign * pairs[i + 1]);
  }
}

/** A quantile of observations, as Prometheus estimates it: linear within a bucket. */
export function quantile(q: number, buckets: readonly Bucket[]): number {
  const all = buckets.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return Number.NaN;
  let left = q * all;
  for (const { low, high, count } of buckets) {
    if (count > 0 && left <= count) {
      if (high === Number.POSITIVE_INFINITY) return low;
      return low === Number.NEGATIVE_INFINITY ? high : low + (high - low) * (left / count);
    }
    left -= count;
  }
  return buckets.at(-1)?.low ?? Number.NaN;
}

/** How many observations were no more than a bound, by native buckets: linear within the one that it lies in. */
function within(bound: number, buckets: readonly Bucket[]): number {
  return buckets.reduce((sum, { low, high, count }) => {
    if (low >= bound) return sum;
    return sum + (high <= bound ? count : (count * (bound - low)) / (high - low));
  }, 0);
}

/** The share of calls since the page was opened that an objective allows and that were used up: 1 is the whole budget. */
export function budgetUsed(
  family: Family,
  rows: readonly number[],
  target: number,
  latency: number | undefined,
): number {
  const [from, to] = [family.history.findIndex((past) => past !== undefined), family.history.length - 1];
  if (to <= from) return Number.NaN;
  const result = family.head.labels.indexOf('result');
  const total = family.head.type === 'histogram' ? family.lineOf('_count') : 0;
  const inTime = family.head.lines.findIndex(([, label, text]) => label === 'le' && boundOf(text) === latency);
  let [all, good] = [0, 0];
  for (const row of rows) {
    const calls = growth(family, row, total, from, to) || 0;
    all += calls;
    if (result >= 0 && family.rows[row]?.[result] === 'error') continue;
    if (latency === undefined) good += calls;
    else
      good +=
        inTime < 0 ? within(latency, observed(family, [row], from, to)) : growth(family, row, inTime, from, to) || 0;
  }
  return all === 0 ? 0 : (all - good) / all / (1 - target);
}

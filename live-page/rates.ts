import type { LiveNative } from '../lib/page/live-data.js';
import type { Family, Store } from './families.js';
import { Memo } from './memo.js';

/** Rates and quantiles are computed over this number of samples, one a second. */
export const WINDOW_SAMPLES = 10;

/** The increase of a line between two times. A counter that decreased was reset. */
export function increase(family: Family, row: number, line: number, from: number, to: number): number {
  const after = family.at(to, row, line);
  const before = family.at(from, row, line);
  // A series that did not exist counts from 0.
  if (Number.isNaN(before)) return family.history[from] === undefined ? Number.NaN : after;
  return after < before ? after : after - before;
}

/** The increase per second of a line, over the window that ends at a time. */
export function rateAt(store: Store, family: Family, row: number, line: number, to: number): number {
  const from = Math.max(0, to - WINDOW_SAMPLES);
  const seconds = store.times[to] - store.times[from];
  return seconds > 0 ? increase(family, row, line, from, to) / seconds : Number.NaN;
}

const rateSums = new Memo<number>();

/** The sum of the rates of some rows, by their main line; NaN if none is known. */
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

/** The line that represents a series: its count, or its only line. */
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

const recent = new Memo<Bucket[]>();
const latest = new Memo<Bucket[]>();

/** The observations of some rows over the window that ends at a time, in ascending order of bounds. */
export function recentBuckets(family: Family, rows: readonly number[], to: number): Bucket[] {
  return recent.at(family, rows, to, () => observed(family, rows, Math.max(0, to - WINDOW_SAMPLES), to));
}

/** The observations of some rows between a sample and the one before. */
export function newBuckets(family: Family, rows: readonly number[], to: number): Bucket[] {
  return to === 0 ? [] : latest.at(family, rows, to, () => observed(family, rows, to - 1, to));
}

function observed(family: Family, rows: readonly number[], from: number, to: number): Bucket[] {
  // Native buckets are finer. A family with only these still has one classic bucket, +Inf.
  const native = family.nativeHistory[to];
  if (native === undefined) return classicBuckets(family, rows, from, to);
  return family.history[from] === undefined ? [] : nativeBuckets(native, family.nativeHistory[from], rows);
}

function boundOf(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function classicBuckets(family: Family, rows: readonly number[], from: number, to: number): Bucket[] {
  // The buckets of a gauge histogram are the current ones and not cumulative over time.
  const isCurrent = family.head.type === 'gaugehistogram';
  const buckets: Bucket[] = [];
  let low = Number.NEGATIVE_INFINITY;
  let below = 0;
  family.head.lines.forEach(([, label, text], line) => {
    if (label !== 'le') return;
    const high = boundOf(text);
    let total = 0;
    for (const row of rows)
      total += (isCurrent ? family.at(to, row, line) : increase(family, row, line, from, to)) || 0;
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

/** Adds buckets to those of a resolution that is coarser by a number of steps. */
function fold(pairs: readonly number[], steps: number, sign: number, into: Map<number, number>): void {
  for (let i = 0; i < pairs.length; i += 2) {
    const index = Math.ceil(pairs[i] / 2 ** steps);
    into.set(index, (into.get(index) ?? 0) + sign * pairs[i + 1]);
  }
}

/** A quantile of observations, as Prometheus estimates it: linear within a bucket. */
export function quantile(q: number, buckets: readonly Bucket[]): number {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return Number.NaN;
  let rank = q * total;
  for (const { low, high, count } of buckets) {
    if (count > 0 && rank <= count) {
      if (high === Number.POSITIVE_INFINITY) return low;
      return low === Number.NEGATIVE_INFINITY ? high : low + (high - low) * (rank / count);
    }
    rank -= count;
  }
  return buckets.at(-1)?.low ?? Number.NaN;
}

/** Estimates the number of observations up to a bound, linearly within the bucket that it lies in. */
function countUpTo(bound: number, buckets: readonly Bucket[]): number {
  return buckets.reduce((sum, { low, high, count }) => {
    if (low >= bound) return sum;
    return sum + (high <= bound ? count : (count * (bound - low)) / (high - low));
  }, 0);
}

/** The ratio of an objective's error budget that was spent since the page was opened: 1 is all of it. */
export function budgetUsed(
  family: Family,
  rows: readonly number[],
  target: number,
  latency: number | undefined,
): number {
  const [from, to] = [family.history.findIndex((past) => past !== undefined), family.history.length - 1];
  if (to <= from) return Number.NaN;
  const result = family.head.labels.indexOf('result');
  const countLine = family.head.type === 'histogram' ? family.lineOf('_count') : 0;
  const inTime = family.head.lines.findIndex(([, label, text]) => label === 'le' && boundOf(text) === latency);
  let [calls, good] = [0, 0];
  for (const row of rows) {
    const increased = increase(family, row, countLine, from, to) || 0;
    calls += increased;
    if (result >= 0 && family.rows[row]?.[result] === 'error') continue;
    if (latency === undefined) good += increased;
    else
      good +=
        inTime < 0
          ? countUpTo(latency, observed(family, [row], from, to))
          : increase(family, row, inTime, from, to) || 0;
  }
  return calls === 0 ? 0 : (calls - good) / calls / (1 - target);
}

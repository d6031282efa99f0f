import type { Exemplar } from '../../model/exemplar.js';
import type { NativeReading } from '../../model/native-histogram.js';
import type { Escaping } from '../escaping.js';
import type { BackwardWriter } from './backward-writer.js';
import { BUCKET, HISTOGRAM, METRIC, QUANTILE, SINGLE, SUMMARY } from './fields.js';
import { writeNativeBuckets } from './native-buckets.js';
import { NUMBERS_ROOM, writeExemplar, writeTime } from './parts.js';

/** What a message may hold beside its numbers. */
export interface Extras {
  /** Milliseconds since the epoch, or 0 where it is not known when the series began. */
  readonly createdAt: number;
  /** The exemplar of each line; empty where there is none. */
  readonly exemplars: readonly (Exemplar | undefined)[];
}

/** A counter, gauge or untyped value; gives how many bytes lie from where its number begins to the end of all. */
export function writeSingle(
  writer: BackwardWriter,
  tag: number,
  value: number,
  { createdAt, exemplars: [exemplar] }: Extras,
  escaping: Escaping,
): number {
  writer.reserve(NUMBERS_ROOM);
  const end = writer.length;
  if (tag === METRIC.counter) {
    if (createdAt > 0) writeTime(writer, SINGLE.created, createdAt);
    if (exemplar !== undefined) {
      const exemplarEnd = writer.length;
      writeExemplar(writer, exemplar, escaping);
      writer.close(SINGLE.exemplar, exemplarEnd);
    }
  }
  writer.double(value);
  const place = writer.length;
  writer.byte(SINGLE.value);
  writer.close(tag, end);
  return place;
}

/** A summary; `values` has the quantiles from `at` on, then sum and count. */
export function writeSummary(
  writer: BackwardWriter,
  ranks: Float64Array,
  values: Float64Array,
  at: number,
  { createdAt }: Extras,
): void {
  writer.reserve(NUMBERS_ROOM * (ranks.length + 2));
  const end = writer.length;
  if (createdAt > 0) writeTime(writer, SUMMARY.created, createdAt);
  for (let i = ranks.length - 1; i >= 0; i--) {
    writer.double(values[at + i]);
    writer.byte(QUANTILE.value);
    writer.double(ranks[i]);
    writer.byte(QUANTILE.quantile);
    writer.byte(18);
    writer.byte(SUMMARY.quantile);
  }
  writer.double(values[at + ranks.length]);
  writer.byte(SUMMARY.sum);
  writer.varint(values[at + ranks.length + 1]);
  writer.byte(SUMMARY.count);
  writer.close(METRIC.summary, end);
}

/** A histogram; `values` has the running totals of the buckets from `at` on, then sum and count. */
export function writeHistogram(
  writer: BackwardWriter,
  bounds: Float64Array,
  values: Float64Array,
  at: number,
  native: NativeReading | undefined,
  extras: Extras,
  escaping: Escaping,
): void {
  const { createdAt, exemplars } = extras;
  const end = writer.length;
  if (native !== undefined) writeNativeExemplars(writer, native.exemplars, escaping);
  writer.reserve(NUMBERS_ROOM);
  if (createdAt > 0) writeTime(writer, HISTOGRAM.created, createdAt);
  if (native !== undefined) writeNativeBuckets(writer, native);
  for (let i = bounds.length - 1; i >= 0; i--) {
    const exemplar = exemplars[i];
    // The last bucket says what the count says already.
    if (bounds[i] !== Infinity || exemplar !== undefined)
      writeBucket(writer, bounds[i], values[at + i], exemplar, escaping);
  }
  writer.reserve(NUMBERS_ROOM);
  writer.double(values[at + bounds.length]);
  writer.byte(HISTOGRAM.sum);
  writer.varint(native === undefined ? values[at + bounds.length + 1] : native.count);
  writer.byte(HISTOGRAM.count);
  writer.close(METRIC.histogram, end);
}

function writeBucket(
  writer: BackwardWriter,
  bound: number,
  count: number,
  exemplar: Exemplar | undefined,
  escaping: Escaping,
): void {
  writer.reserve(NUMBERS_ROOM);
  const end = writer.length;
  if (exemplar !== undefined) {
    writeExemplar(writer, exemplar, escaping);
    writer.close(BUCKET.exemplar, end);
  }
  writer.double(bound);
  writer.byte(BUCKET.upperBound);
  writer.varint(count);
  writer.byte(BUCKET.cumulativeCount);
  writer.close(HISTOGRAM.bucket, end);
}

function writeNativeExemplars(writer: BackwardWriter, exemplars: readonly Exemplar[], escaping: Escaping): void {
  for (let i = exemplars.length - 1; i >= 0; i--) {
    const end = writer.length;
    writeExemplar(writer, exemplars[i], escaping);
    writer.varint(writer.length - end);
    writer.byte(HISTOGRAM.exemplars[1]);
    writer.byte(HISTOGRAM.exemplars[0]);
  }
}

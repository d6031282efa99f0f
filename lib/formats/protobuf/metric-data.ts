import type { Exemplar } from '../../model/exemplar.js';
import type { NativeReading } from '../../model/native-histogram.js';
import { type Escaping, escapeLabelName, type LabelPairs } from '../format.js';
import { Spans } from '../spans.js';
import type { BackwardWriter } from './backward-writer.js';

/**
 * Tags of io.prometheus.client (Prometheus, client_model, metrics.proto): field number × 8 + wire type, which is 0 for
 * a varint, 1 for a double and 2 for a length-delimited field.
 */
export const FAMILY = { name: 0x0a, help: 0x12, type: 0x18, metric: 0x22, unit: 0x2a } as const;
export const METRIC = {
  label: 0x0a,
  gauge: 0x12,
  counter: 0x1a,
  summary: 0x22,
  untyped: 0x2a,
  timestampMs: 0x30,
  histogram: 0x3a,
} as const;
export const LABEL = { name: 0x0a, value: 0x12 } as const;
/** Fields of Counter, Gauge and Untyped; the last two only have a value. */
export const SINGLE = { value: 0x09, exemplar: 0x12, created: 0x1a } as const;
export const SUMMARY = { count: 0x08, sum: 0x11, quantile: 0x1a, created: 0x22 } as const;
export const QUANTILE = { quantile: 0x09, value: 0x11 } as const;
export const HISTOGRAM = {
  count: 0x08,
  sum: 0x11,
  bucket: 0x1a,
  schema: 0x28,
  zeroThreshold: 0x31,
  zeroCount: 0x38,
  negativeSpan: 0x4a,
  negativeDelta: 0x52,
  positiveSpan: 0x62,
  positiveDelta: 0x6a,
  created: 0x7a,
  /** Field 16: its tag takes two bytes. */
  exemplars: [0x82, 0x01],
} as const;
export const BUCKET = { cumulativeCount: 0x08, upperBound: 0x11, exemplar: 0x1a } as const;
export const SPAN = { offset: 0x08, length: 0x10 } as const;
export const EXEMPLAR = { label: 0x0a, value: 0x11, timestamp: 0x1a } as const;
export const TIMESTAMP = { seconds: 0x08, nanos: 0x10 } as const;

/** More than enough bytes for the numbers and tags around strings. */
export const NUMBERS_ROOM = 64;

/** Writes label pairs, each with the given tag. Empty labels are left out. Names must be escaped. */
export function writeLabels(writer: BackwardWriter, tag: number, pairs: LabelPairs): void {
  for (let i = pairs.length - 1; i >= 0; i--) {
    const [name, value] = pairs[i];
    if (value === '') continue;
    const end = writer.length;
    writer.string(LABEL.value, value);
    writer.string(LABEL.name, name);
    writer.close(tag, end);
  }
}

/** Returns label pairs with escaped names. */
export function escapedLabels(pairs: LabelPairs, escaping: Escaping): LabelPairs {
  return pairs.map(([name, value]) => [escapeLabelName(name, escaping), value]);
}

/** Writes a google.protobuf.Timestamp with the given tag. */
export function writeTime(writer: BackwardWriter, tag: number, milliseconds: number): void {
  const end = writer.length;
  const seconds = Math.floor(milliseconds / 1000);
  const nanos = Math.round((milliseconds - seconds * 1000) * 1e6);
  if (nanos > 0) {
    writer.varint(nanos);
    writer.byte(TIMESTAMP.nanos);
  }
  if (seconds > 0) {
    writer.varint(seconds);
    writer.byte(TIMESTAMP.seconds);
  }
  writer.close(tag, end);
}

/** Writes an exemplar without its tag and length. Reserves space for these and some more numbers. */
export function writeExemplar(writer: BackwardWriter, exemplar: Exemplar, escaping: Escaping): void {
  writer.reserve(NUMBERS_ROOM);
  if (exemplar.timestamp !== undefined) writeTime(writer, EXEMPLAR.timestamp, exemplar.timestamp);
  writer.double(exemplar.value);
  writer.byte(EXEMPLAR.value);
  writeLabels(writer, EXEMPLAR.label, escapedLabels(Object.entries(exemplar.labels), escaping));
  writer.reserve(NUMBERS_ROOM);
}

/** More than enough bytes for a bucket, the gap before it and its span. */
const BUCKET_ROOM = 64;

const spans = new Spans();

/** Writes the native fields of a Histogram message, except its exemplars. */
export function writeNativeBuckets(writer: BackwardWriter, native: NativeReading): void {
  const { positive, negative, zeroThreshold, zeroCount, schema } = native;
  writer.reserve((positive.length + negative.length + 1) * BUCKET_ROOM);
  // Without an empty span, a scraper would then take this for a classic histogram.
  const looksClassic = zeroThreshold === 0 && zeroCount === 0 && positive.length === 0 && negative.length === 0;
  spans.lay(positive);
  writeSpans(writer, HISTOGRAM.positiveSpan, HISTOGRAM.positiveDelta, looksClassic);
  spans.lay(negative);
  writeSpans(writer, HISTOGRAM.negativeSpan, HISTOGRAM.negativeDelta, false);
  writer.varint(zeroCount);
  writer.byte(HISTOGRAM.zeroCount);
  writer.double(zeroThreshold);
  writer.byte(HISTOGRAM.zeroThreshold);
  writer.zigzag(schema);
  writer.byte(HISTOGRAM.schema);
}

function writeSpans(writer: BackwardWriter, spanTag: number, deltaTag: number, withEmptySpan: boolean): void {
  const { offsets, lengths, counts } = spans;
  if (counts.length > 0) {
    const end = writer.length;
    // Each count is written as the difference from the one before it.
    for (let i = counts.length - 1; i > 0; i--) writer.zigzag(counts[i] - counts[i - 1]);
    writer.zigzag(counts[0]);
    writer.close(deltaTag, end);
  } else if (withEmptySpan) writeSpan(writer, spanTag, 0, 0);
  for (let i = offsets.length - 1; i >= 0; i--) writeSpan(writer, spanTag, offsets[i], lengths[i]);
}

function writeSpan(writer: BackwardWriter, tag: number, offset: number, length: number): void {
  const end = writer.length;
  writer.varint(length);
  writer.byte(SPAN.length);
  writer.zigzag(offset);
  writer.byte(SPAN.offset);
  writer.close(tag, end);
}

/** Optional parts of a message, in addition to its numbers. */
export interface Extras {
  /** When the series was created, in milliseconds since the epoch; 0 if unknown. */
  readonly createdAt: number;
  /** The exemplar of each line; empty if there is none. */
  readonly exemplars: readonly (Exemplar | undefined)[];
}

/** Writes a counter, gauge or untyped value. Returns the number of bytes from the start of its number to the end. */
export function writeSingle(
  writer: BackwardWriter,
  tag: number,
  value: number,
  { createdAt, exemplars }: Extras,
  escaping: Escaping,
): number {
  const exemplar = exemplars[0];
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
  const position = writer.length;
  writer.byte(SINGLE.value);
  writer.close(tag, end);
  return position;
}

/** Writes a summary; `values` has the quantiles from `at` on, then sum and count. */
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

/** Writes a histogram; `values` has the running totals of the buckets from `at` on, then sum and count. */
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
    // The last bucket is written only for its exemplar, because its value is the count.
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

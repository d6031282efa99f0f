import type { NativeReading } from '../../model/native-histogram.js';
import { Spans } from '../spans.js';
import type { BackwardWriter } from './backward-writer.js';
import { HISTOGRAM, SPAN } from './fields.js';

/** More than a bucket, the gap before it and its span take. */
const BUCKET_ROOM = 64;

const spans = new Spans();

/** The native fields of a Histogram message, but for its exemplars. */
export function writeNativeBuckets(writer: BackwardWriter, native: NativeReading): void {
  const { positive, negative, zeroThreshold, zeroCount, schema } = native;
  writer.reserve((positive.length + negative.length + 1) * BUCKET_ROOM);
  // What else would tell a scraper that this is no classic histogram.
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

function writeSpans(writer: BackwardWriter, spanTag: number, deltaTag: number, evenNone: boolean): void {
  const { offsets, lengths, counts } = spans;
  if (counts.length > 0) {
    const end = writer.length;
    // What each bucket has more than the one before it.
    for (let i = counts.length - 1; i > 0; i--) writer.zigzag(counts[i] - counts[i - 1]);
    writer.zigzag(counts[0]);
    writer.close(deltaTag, end);
  } else if (evenNone) writeSpan(writer, spanTag, 0, 0);
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

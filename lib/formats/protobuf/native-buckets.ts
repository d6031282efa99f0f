import type { BucketList, NativeReading } from '../../model/native-histogram.js';
import type { BackwardWriter } from './backward-writer.js';
import { HISTOGRAM, SPAN } from './fields.js';

/** So many empty buckets cost less within a span than a span of their own (the Go client's choice). */
const SMALL_GAP = 2;
/** More than a bucket, the gap before it and its span take. */
const BUCKET_ROOM = 64;

/** The runs of neighbouring buckets of one sign; used again for each series. */
class Spans {
  /** How far each span is from the end of the one before; of the first, from bucket 0. */
  readonly offsets: number[] = [];
  readonly lengths: number[] = [];
  /** What each bucket has more than the one before it. */
  readonly deltas: number[] = [];

  lay({ indexes, counts, length }: BucketList): void {
    const { offsets, lengths, deltas } = this;
    offsets.length = lengths.length = deltas.length = 0;
    let next = 0;
    let before = 0;
    for (let i = 0; i < length; i++) {
      const gap = indexes[i] - next;
      if (i === 0 || gap > SMALL_GAP) {
        offsets.push(gap);
        lengths.push(0);
      } else
        for (let j = 0; j < gap; j++) {
          deltas.push(-before);
          before = 0;
          lengths[lengths.length - 1] += 1;
        }
      deltas.push(counts[i] - before);
      before = counts[i];
      lengths[lengths.length - 1] += 1;
      next = indexes[i] + 1;
    }
  }
}

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
  const { offsets, lengths, deltas } = spans;
  if (deltas.length > 0) {
    const end = writer.length;
    for (let i = deltas.length - 1; i >= 0; i--) writer.zigzag(deltas[i]);
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

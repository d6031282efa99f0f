import type { BucketList } from '../model/native-histogram.js';

/**
 * Up to this many empty buckets are included in a span, which costs less than starting a new one (as in the Go client).
 */
const SMALL_GAP = 2;

/** The spans of neighboring buckets of one sign; reused for each series. */
export class Spans {
  /** Distance of each span from the end of the one before; of the first one, from bucket 0. */
  readonly offsets: number[] = [];
  readonly lengths: number[] = [];
  /** The counts of all buckets in the spans, empty ones included. */
  readonly counts: number[] = [];

  /** Replaces the contents by the buckets of a series. */
  lay(buckets: BucketList): void {
    const { offsets, lengths, counts } = this;
    offsets.length = lengths.length = counts.length = 0;
    let next = 0;
    for (let i = 0; i < buckets.length; i++) {
      const gap = buckets.indexes[i] - next;
      if (i === 0 || gap > SMALL_GAP) {
        offsets.push(gap);
        lengths.push(1);
      } else {
        for (let j = 0; j < gap; j++) counts.push(0);
        lengths[lengths.length - 1] += gap + 1;
      }
      counts.push(buckets.counts[i]);
      next = buckets.indexes[i] + 1;
    }
  }
}

import type { BucketList } from '../model/native-histogram.js';

/** So many empty buckets cost less within a span than a span of their own (the Go client's choice). */
const SMALL_GAP = 2;

/** The runs of neighbouring buckets of one sign; used again for each series. */
export class Spans {
  /** How far each span is from the end of the one before; of the first, from bucket 0. */
  readonly offsets: number[] = [];
  readonly lengths: number[] = [];
  /** The counts of all buckets in the spans, empty ones included. */
  readonly counts: number[] = [];

  /** Takes the buckets of a series in place of the last one's. */
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

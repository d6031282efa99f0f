import type { RowLayout } from './layout.js';

/**
 * A cell for each bucket and one for the sum; the lines are the running totals of the buckets, the sum and the count,
 * which is never stored.
 */
export class BucketLayout implements RowLayout {
  constructor(
    /** Buckets of a series, `+Inf` included. */
    private readonly buckets: number,
    /** Cells of a series, including those of exponential buckets. */
    private readonly width: number,
  ) {}

  read(cells: Float64Array, index: number, _firstRow: number, count: number, into: Float64Array, at: number): void {
    const { buckets, width } = this;
    for (let row = 0, from = index, to = at; row < count; row++, from += width, to += buckets + 2) {
      let seen = 0;
      for (let i = 0; i < buckets; i++) {
        seen += cells[from + i];
        into[to + i] = seen;
      }
      into[to + buckets] = cells[from + buckets];
      into[to + buckets + 1] = seen;
    }
  }

  blank(into: Float64Array, at: number): void {
    into.fill(0, at, at + this.buckets + 2);
  }

  /** Adds the values of another source of the same series: running totals add up as buckets do. */
  merge(into: Float64Array, at: number, from: Float64Array, fromAt: number): void {
    for (let i = 0; i < this.buckets + 2; i++) into[at + i] += from[fromAt + i];
  }
}

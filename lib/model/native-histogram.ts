import type { Exemplar } from './exemplar.js';

/** Number of cells of a native histogram besides its buckets. */
export const NATIVE_HEAD = 5;

/** A non-empty exponential bucket. */
export interface NativeBucket {
  /** At schema s, bucket k holds the values in (2^((k-1)/2^s), 2^(k/2^s)]. */
  readonly index: number;
  /** Observations in this bucket alone. */
  readonly count: number;
}

/** What a series of a native histogram holds (Prometheus, "Native Histograms"). */
export interface NativeHistogram {
  /** The resolution, from -4 to 8: buckets grow by 2^(2^-schema). */
  readonly schema: number;
  /** Values within this distance of 0 are in the zero bucket. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** All observations, including those of NaN, which are in no bucket. */
  readonly count: number;
  readonly sum: number;
  /** Buckets above the zero bucket, by rising index. */
  readonly positive: readonly NativeBucket[];
  /** Buckets below the zero bucket, by rising index, which is by falling value. */
  readonly negative: readonly NativeBucket[];
  /** By rising value. */
  readonly exemplars: readonly Exemplar[];
}

/** Buckets of one sign, in arrays that are reused for the next series. */
export class BucketList {
  length = 0;
  // Annotated, because TypeScript before 5.7 does not know the inferred generic type.
  indexes: Int32Array = new Int32Array(32);
  counts: Float64Array = new Float64Array(32);

  add(index: number, count: number): void {
    if (this.length === this.indexes.length) this.grow();
    this.indexes[this.length] = index;
    this.counts[this.length] = count;
    this.length += 1;
  }

  /** Takes up what another one has. */
  copy(other: BucketList): void {
    this.length = 0;
    for (let i = 0; i < other.length; i++) this.add(other.indexes[i], other.counts[i]);
  }

  /** The buckets as objects. */
  toBuckets(): NativeBucket[] {
    return Array.from({ length: this.length }, (_, i) => ({ index: this.indexes[i], count: this.counts[i] }));
  }

  private grow(): void {
    const indexes = new Int32Array(this.length * 2);
    const counts = new Float64Array(this.length * 2);
    indexes.set(this.indexes);
    counts.set(this.counts);
    this.indexes = indexes;
    this.counts = counts;
  }
}

/** A native histogram in reusable arrays: a page reads all of its thousands of series into one of these. */
export class NativeReading {
  schema = 0;
  zeroThreshold = 0;
  zeroCount = 0;
  count = 0;
  sum = 0;
  readonly positive = new BucketList();
  readonly negative = new BucketList();
  exemplars: readonly Exemplar[] = [];

  /** Removes all buckets, before the next series is read. */
  clear(): void {
    this.positive.length = 0;
    this.negative.length = 0;
  }

  /** Resets to a series without observations. */
  reset(): void {
    this.clear();
    this.zeroCount = 0;
    this.count = 0;
    this.sum = 0;
    this.exemplars = [];
  }

  /** Takes up what another one has. */
  copy(other: NativeReading): void {
    this.schema = other.schema;
    this.zeroThreshold = other.zeroThreshold;
    this.zeroCount = other.zeroCount;
    this.count = other.count;
    this.sum = other.sum;
    this.exemplars = other.exemplars;
    this.positive.copy(other.positive);
    this.negative.copy(other.negative);
  }

  /** Replaces the contents by those of a histogram. */
  load(histogram: NativeHistogram): void {
    const { positive, negative, ...head } = histogram;
    this.clear();
    Object.assign(this, head);
    for (const { index, count } of positive) this.positive.add(index, count);
    for (const { index, count } of negative) this.negative.add(index, count);
  }

  /** Returns an immutable copy. */
  toHistogram(): NativeHistogram {
    const { schema, zeroThreshold, zeroCount, count, sum, exemplars } = this;
    const [positive, negative] = [this.positive.toBuckets(), this.negative.toBuckets()];
    return { schema, zeroThreshold, zeroCount, count, sum, positive, negative, exemplars: [...exemplars] };
  }
}

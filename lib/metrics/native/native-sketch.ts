import type { NativeReading } from '../../model/native-histogram.js';
import type { Store } from '../../store/store.js';
import { COARSEST_SCHEMA, keyOf, type Scale, scaleOf, upperBound } from '../sketch/exponential.js';
import { Pages } from '../sketch/pages.js';
import type { NativePlan } from './options.js';

/** The cells of a native histogram beside its buckets. All 0 means as new. */
export const NATIVE_HEAD = 4;
const ZEROS = 0;
/** Observations of NaN: they are in the count and in no bucket. */
const STRAYS = 1;
/** The zero threshold where it was widened, else 0. */
const WIDENED = 2;
/** How often the resolution was halved. */
const HALVED = 3;

/**
 * The exponential buckets of one series, on the same pages of cells as a summary's sketch, with what keeps their number
 * in bounds: the Go client's steps, in its order, one for each observation that finds too many.
 */
export class NativeSketch {
  private scale: Scale;
  private threshold: number;
  private positive: Pages;
  private negative: Pages;
  /** Buckets in use, both signs together. */
  private used = 0;

  constructor(
    private readonly store: Store,
    private readonly plan: NativePlan,
    /** Where the head lies: in the cells of the series. */
    private readonly cells: Float64Array,
    private readonly head: number,
  ) {
    this.scale = scaleOf(plan.schema);
    this.threshold = reach(plan.zeroThreshold);
    this.positive = new Pages(store, plan.schema);
    this.negative = new Pages(store, plan.schema);
  }

  /** Counts one value of any kind; true where there are now more buckets than there may be. */
  add(value: number): boolean {
    let count = 0;
    if (value > this.threshold) count = this.positive.add(keyOf(this.scale, value));
    else if (value < -this.threshold) count = this.negative.add(keyOf(this.scale, -value));
    else if (Number.isNaN(value)) {
      this.cells[this.head + STRAYS] += 1;
      return false;
    } else this.cells[this.head + ZEROS] += 1;
    if (count === 1) this.used += 1;
    return this.used > this.plan.maxBuckets;
  }

  /** Makes room: widens the zero bucket by the buckets next to it or, where that may not be, halves the resolution. */
  narrow(): void {
    if (!this.widenZeroBucket()) this.halveResolution();
  }

  /** Forgets everything but the head, which its owner zeroes with the rest of the series. */
  clear(): void {
    this.use(this.plan.schema);
    this.threshold = reach(this.plan.zeroThreshold);
    this.used = 0;
  }

  /** Gives the pages back. The sketch is not to be used afterwards. */
  release(): void {
    this.positive.release();
    this.negative.release();
  }

  /** Reads everything but sum and exemplars. The count is added up here, so that it fits whenever it is read. */
  read(into: NativeReading): void {
    const { cells, head } = this;
    into.clear();
    into.schema = this.scale.schema;
    into.zeroThreshold = cells[head + WIDENED] || this.plan.zeroThreshold;
    into.zeroCount = cells[head + ZEROS];
    let count = into.zeroCount + cells[head + STRAYS];
    this.positive.visit((key, bucket) => {
      into.positive.add(key, bucket);
      count += bucket;
    });
    this.negative.visit((key, bucket) => {
      into.negative.add(key, bucket);
      count += bucket;
    });
    into.count = count;
  }

  private widenZeroBucket(): boolean {
    const { maxZeroThreshold } = this.plan;
    const { cells, head } = this;
    if (this.threshold >= maxZeroThreshold) return false;
    const key = Math.min(leastKey(this.positive), leastKey(this.negative));
    if (key === Infinity) return false;
    const threshold = upperBound(this.scale, key);
    if (threshold > maxZeroThreshold) return false;
    for (const pages of [this.positive, this.negative]) {
      if (pages.get(key) === 0) continue;
      cells[head + ZEROS] += pages.set(key, 0);
      this.used -= 1;
    }
    cells[head + WIDENED] = threshold;
    this.threshold = reach(threshold);
    return true;
  }

  private halveResolution(): void {
    const { schema } = this.scale;
    if (schema === COARSEST_SCHEMA) return;
    const { positive, negative } = this;
    this.positive = new Pages(this.store, schema - 1);
    this.negative = new Pages(this.store, schema - 1);
    this.scale = scaleOf(schema - 1);
    this.used = merge(positive, this.positive) + merge(negative, this.negative);
    positive.release();
    negative.release();
    this.cells[this.head + HALVED] += 1;
  }

  private use(schema: number): void {
    if (schema === this.scale.schema) {
      this.positive.clear();
      this.negative.clear();
      return;
    }
    this.release();
    this.scale = scaleOf(schema);
    this.positive = new Pages(this.store, schema);
    this.negative = new Pages(this.store, schema);
  }
}

/** A threshold as it is compared with: Infinity counts as the largest number there. */
function reach(threshold: number): number {
  return threshold === Number.MAX_VALUE ? Infinity : threshold;
}

/** Infinity where nothing was counted. */
function leastKey(pages: Pages): number {
  let least = Infinity;
  pages.visit((key) => {
    if (key < least) least = key;
  });
  return least;
}

/** Adds the buckets to pages of half the resolution; gives the number of buckets there. */
function merge(from: Pages, into: Pages): number {
  let used = 0;
  from.visit((key, count) => {
    const wider = Math.trunc((key > 0 ? key + 1 : key) / 2);
    if (into.set(wider, into.get(wider) + count) === 0) used += 1;
  });
  return used;
}

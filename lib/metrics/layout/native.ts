import { addNative } from '../../model/add-native.js';
import type { BucketList, NativeReading } from '../../model/native-histogram.js';
import type { NativePlan } from '../native/native-options.js';
import type { Pages } from '../sketch/pages.js';

// The cells of a native histogram besides its buckets, NATIVE_HEAD in all. They are 0 in a new series.
export const ZEROS = 0;
/** Observations of NaN, which are included in the count but in no bucket. */
export const NANS = 1;
/** The zero threshold if it was widened, else 0. */
export const WIDENED = 2;
/** How often the resolution was halved. */
export const HALVED = 3;
/** The epoch of the pages in use. It changes when they are replaced. */
export const EPOCH = 4;

/** The signs in the keys of pages. */
export const POSITIVE = 1;
export const NEGATIVE = 2;

/** Returns the layout of a family's exponential buckets. */
export function nativeLayoutOf(plan: NativePlan): NativeLayout {
  return new NativeLayout(plan);
}

/** The layout of a series' exponential buckets: a head among the cells of its row, and pages of cells outside of it. */
export class NativeLayout {
  constructor(
    /** Initial schema and zero threshold of a series. */
    private readonly plan: Pick<NativePlan, 'schema' | 'zeroThreshold'>,
  ) {}

  /** Reads everything but sum and exemplars. The count is added up from the buckets, so that it always matches them. */
  read(cells: Float64Array, head: number, pages: NativePages | undefined, into: NativeReading): void {
    into.clear();
    into.schema = this.schemaOf(cells, head);
    into.zeroThreshold = cells[head + WIDENED] || this.plan.zeroThreshold;
    into.zeroCount = cells[head + ZEROS];
    into.count = into.zeroCount + cells[head + NANS];
    if (pages === undefined) return;
    addBuckets(pages.positive, into.positive, into);
    if (pages.negative !== undefined) addBuckets(pages.negative, into.negative, into);
  }

  /** Returns the current schema of a series. */
  schemaOf(cells: Float64Array, head: number): number {
    return this.plan.schema - cells[head + HALVED];
  }

  /** Writes the reading of a new series. */
  blank(into: NativeReading): void {
    into.reset();
    into.schema = this.plan.schema;
    into.zeroThreshold = this.plan.zeroThreshold;
  }

  /** Adds the buckets of another source of the same series, at the coarser schema of the two. */
  merge(into: NativeReading, from: NativeReading): void {
    into.load(addNative(into.toHistogram(), from.toHistogram()));
  }
}

/** The buckets of one series. */
export interface NativePages {
  readonly positive: Pages;
  readonly negative: Pages | undefined;
}

function addBuckets(pages: Pages, buckets: BucketList, into: NativeReading): void {
  pages.visit((key, count) => {
    buckets.add(key, count);
    into.count += count;
  });
}

import { addNative } from '../../model/add-native.js';
import type { BucketList, NativeReading } from '../../model/native-histogram.js';
import type { NativePlan } from '../native/native-options.js';
import type { Pages } from '../sketch/pages.js';

/** The cells of a native histogram besides its buckets. All 0 means as new. */
export const NATIVE_HEAD = 5;
export const ZEROS = 0;
/** Observations of NaN: they are in the count and in no bucket. */
export const STRAYS = 1;
/** The zero threshold where it was widened, else 0. */
export const WIDENED = 2;
/** How often the resolution was halved. */
export const HALVED = 3;
/** Which pages are in use, where others were before. */
export const EPOCH = 4;

/** The signs in the keys of pages. */
export const POSITIVE = 1;
export const NEGATIVE = 2;

/** The exponential buckets of a series: a head among its cells, and pages of cells outside of the row. */
export class NativeLayout {
  constructor(
    /** Resolution and zero threshold of a series that begins. */
    private readonly plan: Pick<NativePlan, 'schema' | 'zeroThreshold'>,
  ) {}

  /** Reads everything but sum and exemplars. The count is added up here, so that it always fits the buckets. */
  read(cells: Float64Array, head: number, pages: NativePages | undefined, into: NativeReading): void {
    into.clear();
    into.schema = this.schemaOf(cells, head);
    into.zeroThreshold = cells[head + WIDENED] || this.plan.zeroThreshold;
    into.zeroCount = cells[head + ZEROS];
    into.count = into.zeroCount + cells[head + STRAYS];
    if (pages === undefined) return;
    addBuckets(pages.positive, into.positive, into);
    if (pages.negative !== undefined) addBuckets(pages.negative, into.negative, into);
  }

  /** The resolution of the pages that a head belongs to. */
  schemaOf(cells: Float64Array, head: number): number {
    return this.plan.schema - cells[head + HALVED];
  }

  /** Reads a series that has just begun. */
  blank(into: NativeReading): void {
    into.reset();
    into.schema = this.plan.schema;
    into.zeroThreshold = this.plan.zeroThreshold;
  }

  /** Adds the buckets of another source of the same series, at the coarser resolution of the two. */
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

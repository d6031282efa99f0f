import type { NativeReading } from '../../model/native-histogram.js';
import type { Pages } from '../sketch/pages.js';
import type { NativePlan } from './options.js';

/** The cells of a native histogram beside its buckets. All 0 means as new. */
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

/** What the cells of a head say; the count so far is that of observations outside of buckets. */
export function readHead(
  cells: Float64Array,
  head: number,
  { schema, zeroThreshold }: Pick<NativePlan, 'schema' | 'zeroThreshold'>,
  into: NativeReading,
): void {
  into.clear();
  into.schema = schema - cells[head + HALVED];
  into.zeroThreshold = cells[head + WIDENED] || zeroThreshold;
  into.zeroCount = cells[head + ZEROS];
  into.count = into.zeroCount + cells[head + STRAYS];
}

/** Reads the buckets. The count is added up here, so that it fits whenever it is read. */
export function addBuckets(positive: Pages, negative: Pages, into: NativeReading): void {
  positive.visit((key, count) => {
    into.positive.add(key, count);
    into.count += count;
  });
  negative.visit((key, count) => {
    into.negative.add(key, count);
    into.count += count;
  });
}

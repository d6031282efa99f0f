import type { Histogram, NativeBucket, NativeHistogram } from 'promark';

/** The native buckets of a histogram without labels. */
export async function nativeOf(histogram: Pick<Histogram, 'get'>): Promise<NativeHistogram> {
  const { values } = await histogram.get();
  const native = values.find((value) => value.native !== undefined)?.native;
  if (native === undefined) throw new Error('There are no native buckets.');
  return native;
}

/** Buckets as an object with the count at each index. */
export function counts(buckets: readonly NativeBucket[]): Record<number, number> {
  return Object.fromEntries(buckets.map(({ index, count }) => [index, count]));
}

import { scaleOf, upperBound } from './exponential.js';
import type { NativeBucket, NativeHistogram } from './native-histogram.js';

/**
 * Adds two histograms at the coarser schema and the wider zero threshold of the two. The result is exact: the counts
 * are those of one histogram with that schema and threshold.
 */
export function addNative(a: NativeHistogram, b: NativeHistogram): NativeHistogram {
  const schema = Math.min(a.schema, b.schema);
  const coarse = [coarsened(a, schema), coarsened(b, schema)] as const;
  const zeroThreshold = commonThreshold(coarse);
  const [one, other] = coarse.map((histogram) => widened(histogram, zeroThreshold)) as [
    NativeHistogram,
    NativeHistogram,
  ];
  return {
    schema,
    zeroThreshold,
    zeroCount: one.zeroCount + other.zeroCount,
    count: a.count + b.count,
    sum: a.sum + b.sum,
    positive: addBuckets(one.positive, other.positive),
    negative: addBuckets(one.negative, other.negative),
    exemplars: [...a.exemplars, ...b.exemplars].sort((x, y) => x.value - y.value),
  };
}

/** Each step down in schema merges pairs of buckets. */
function coarsened(histogram: NativeHistogram, schema: number): NativeHistogram {
  const steps = histogram.schema - schema;
  if (steps === 0) return histogram;
  const merged = (buckets: readonly NativeBucket[]): NativeBucket[] =>
    addBuckets(
      buckets.map(({ index, count }) => ({ index: Math.ceil(index / 2 ** steps), count })),
      [],
    );
  return { ...histogram, schema, positive: merged(histogram.positive), negative: merged(histogram.negative) };
}

/** The wider zero threshold, raised to the upper bound of any non-empty bucket that it would cut through. */
function commonThreshold(histograms: readonly NativeHistogram[]): number {
  let threshold = Math.max(...histograms.map(({ zeroThreshold }) => zeroThreshold));
  for (let before = -1; before !== threshold; ) {
    before = threshold;
    for (const { schema, zeroThreshold, positive, negative } of histograms) {
      if (zeroThreshold === threshold) continue;
      const scale = scaleOf(schema);
      for (const { index } of [...positive, ...negative]) {
        const [lower, upper] = [upperBound(scale, index - 1), upperBound(scale, index)];
        if (lower < threshold && upper > threshold) threshold = upper;
      }
    }
  }
  return threshold;
}

function widened(histogram: NativeHistogram, zeroThreshold: number): NativeHistogram {
  const scale = scaleOf(histogram.schema);
  const outside = ({ index }: NativeBucket): boolean => upperBound(scale, index) > zeroThreshold;
  if (zeroThreshold === histogram.zeroThreshold) return histogram;
  const [positive, negative] = [histogram.positive.filter(outside), histogram.negative.filter(outside)];
  const moved = total(histogram.positive) + total(histogram.negative) - total(positive) - total(negative);
  return { ...histogram, zeroThreshold, zeroCount: histogram.zeroCount + moved, positive, negative };
}

function total(buckets: readonly NativeBucket[]): number {
  return buckets.reduce((sum, { count }) => sum + count, 0);
}

function addBuckets(a: readonly NativeBucket[], b: readonly NativeBucket[]): NativeBucket[] {
  const counts = new Map<number, number>();
  for (const { index, count } of [...a, ...b]) counts.set(index, (counts.get(index) ?? 0) + count);
  return [...counts].map(([index, count]) => ({ index, count })).sort((x, y) => x.index - y.index);
}

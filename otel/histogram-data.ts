import type { ExponentialHistogramMetricData, HistogramMetricData } from '@opentelemetry/sdk-metrics';
import type { NativeBucket, NativeHistogram } from '../lib/index.js';
import type { SeriesSamples } from './series.js';

/** Returns the sum of a histogram if it is finite: OTLP's JSON cannot represent other numbers. */
export function finiteSum(sum: number | undefined): { sum?: number } {
  return sum !== undefined && Number.isFinite(sum) ? { sum } : {};
}

type Histogram = HistogramMetricData['dataPoints'][number]['value'];

/** Converts classic buckets, which are not cumulative in OpenTelemetry. */
export function histogramOf({ points, sum, count }: SeriesSamples): Histogram {
  const finite = points.filter(({ at }) => at < Infinity);
  const total = count?.value ?? points.at(-1)?.value ?? 0;
  const cumulative = [...finite.map(({ value }) => value), total];
  return {
    buckets: {
      boundaries: finite.map(({ at }) => at),
      counts: cumulative.map((value, i) => value - (i === 0 ? 0 : cumulative[i - 1])),
    },
    ...finiteSum(sum?.value),
    count: total,
  };
}

type ExponentialHistogram = ExponentialHistogramMetricData['dataPoints'][number]['value'];
type Buckets = readonly Pick<NativeBucket, 'index' | 'count'>[];

/** Maximum number of buckets from the first to the last, including empty ones: OpenTelemetry's have no gaps. */
const MAX_BUCKETS = 2048;

/**
 * Converts native buckets. Observations that are not finite are left out ("Metrics SDK", "Handle all normal values").
 */
export function exponentialHistogramOf(native: NativeHistogram): ExponentialHistogram {
  let scale = native.schema;
  let positive = finiteOf(native.positive, scale);
  let negative = finiteOf(native.negative, scale);
  while (Math.max(widthOf(positive), widthOf(negative)) > MAX_BUCKETS) {
    scale--;
    [positive, negative] = [halved(positive), halved(negative)];
  }
  const { zeroCount, sum } = native;
  const count = [...positive, ...negative].reduce((total, bucket) => total + bucket.count, zeroCount);
  return { scale, zeroCount, positive: dense(positive), negative: dense(negative), count, ...finiteSum(sum) };
}

/** Removes the bucket of infinite values, which begins at 2^1024. */
function finiteOf(buckets: Buckets, scale: number): Buckets {
  return buckets.filter(({ index }) => index - 1 < 1024 * 2 ** scale);
}

function widthOf(buckets: Buckets): number {
  const [first, last] = [buckets.at(0), buckets.at(-1)];
  return first === undefined || last === undefined ? 0 : last.index - first.index + 1;
}

/** Returns the buckets at half the resolution: each replaces two. */
function halved(buckets: Buckets): Buckets {
  const counts = new Map<number, number>();
  for (const { index, count } of buckets) {
    const half = Math.ceil(index / 2);
    counts.set(half, (counts.get(half) ?? 0) + count);
  }
  return Array.from(counts, ([index, count]) => ({ index, count }));
}

/** Index k is (base^(k-1), base^k] here, but (base^k, base^(k+1)] in OpenTelemetry ("Data Model"). */
function dense(buckets: Buckets): ExponentialHistogram['positive'] {
  const first = buckets.at(0);
  if (first === undefined) return { offset: 0, bucketCounts: [] };
  const bucketCounts = new Array<number>(widthOf(buckets)).fill(0);
  for (const { index, count } of buckets) bucketCounts[index - first.index] = count;
  return { offset: first.index - 1, bucketCounts };
}

import type { ExponentialHistogramMetricData, HistogramMetricData } from '@opentelemetry/sdk-metrics';
import type { NativeBucket, NativeHistogram } from '../lib/index.js';
import type { Series } from './series.js';

type Histogram = HistogramMetricData['dataPoints'][number]['value'];
type ExponentialHistogram = ExponentialHistogramMetricData['dataPoints'][number]['value'];

/** Classic buckets: here each has its own count, there the counts of all below as well. */
export function histogramOf({ points, sum, count }: Series): Histogram {
  const finite = points.filter(({ at }) => at < Infinity);
  const total = count?.value ?? points.at(-1)?.value ?? 0;
  const cumulative = [...finite.map(({ value }) => value), total];
  return {
    buckets: {
      boundaries: finite.map(({ at }) => at),
      counts: cumulative.map((value, i) => value - (i === 0 ? 0 : cumulative[i - 1])),
    },
    ...(sum !== undefined && { sum: sum.value }),
    count: total,
  };
}

/** Native buckets. Index k is (base^(k-1), base^k] here, (base^k, base^(k+1)] there (OpenTelemetry, "Data Model"). */
export function exponentialHistogramOf(native: NativeHistogram): ExponentialHistogram {
  const { schema, zeroCount, count, sum } = native;
  return {
    scale: schema,
    zeroCount,
    positive: denseBuckets(native.positive),
    negative: denseBuckets(native.negative),
    count,
    sum,
  };
}

function denseBuckets(buckets: readonly NativeBucket[]): ExponentialHistogram['positive'] {
  const [first, last] = [buckets.at(0), buckets.at(-1)];
  if (first === undefined || last === undefined) return { offset: 0, bucketCounts: [] };
  const bucketCounts = new Array<number>(last.index - first.index + 1).fill(0);
  for (const { index, count } of buckets) bucketCounts[index - first.index] = count;
  return { offset: first.index - 1, bucketCounts };
}

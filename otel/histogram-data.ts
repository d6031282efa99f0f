import type { HistogramMetricData } from '@opentelemetry/sdk-metrics';
import { finiteSum } from './finite.js';
import type { Series } from './series.js';

type Histogram = HistogramMetricData['dataPoints'][number]['value'];

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
    ...finiteSum(sum?.value),
    count: total,
  };
}

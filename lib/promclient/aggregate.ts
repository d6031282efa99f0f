import { addNative } from '../model/add-native.js';
import { ConfigError, show } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import type { NativeHistogram } from '../model/native-histogram.js';
import { type Aggregator, type MetricObject, type MetricValue, snapshotOfObject } from './metric-object.js';

/** Makes one metric of those that several processes have of one name; `undefined` where it is to be left out. */
export type AggregateFunction = (metrics: readonly MetricObject[]) => MetricObject | undefined;

/** prom-client's ways to make one metric of several: series with the same name and labels become one. */
export const aggregators: Readonly<Record<Aggregator, AggregateFunction>> = {
  sum: each((values) => values.reduce((sum, value) => sum + value, 0), addNative),
  first: each(([first]) => first),
  min: each((values) => values.reduce((a, b) => Math.min(a, b))),
  max: each((values) => values.reduce((a, b) => Math.max(a, b))),
  average: each((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  omit: () => undefined,
};

/**
 * Makes families of what several registries gave with `getMetricsAsJSON()`, each by its own `aggregator`. Throws
 * ConfigError for one that does not exist.
 */
export function aggregate(lists: readonly (readonly MetricObject[])[]): FamilySnapshot[] {
  const byName = new Map<string, MetricObject[]>();
  for (const metric of lists.flat()) byName.set(metric.name, [...(byName.get(metric.name) ?? []), metric]);
  return [...byName.values()].flatMap((metrics) => {
    const { name, aggregator = 'sum' } = metrics[0];
    if (!Object.hasOwn(aggregators, aggregator)) {
      const known = Object.keys(aggregators).join(', ');
      throw new ConfigError(`Metric "${name}" has the aggregator ${show(aggregator)}; there are ${known}.`);
    }
    const one = aggregators[aggregator](metrics);
    return one === undefined ? [] : [snapshotOfObject(one)];
  });
}

/** Native buckets add up; the other ways have no use for them. */
function each(
  combine: (values: readonly number[]) => number,
  add?: (a: NativeHistogram, b: NativeHistogram) => NativeHistogram,
): AggregateFunction {
  return (metrics) => {
    const series = new Map<
      string,
      { readonly like: MetricValue; readonly values: number[]; native?: NativeHistogram }
    >();
    for (const value of metrics.flatMap((metric) => metric.values)) {
      const key = JSON.stringify([value.metricName, Object.entries(value.labels).sort(byFirst)]);
      const group = series.get(key) ?? { like: value, values: [] };
      series.set(key, group);
      group.values.push(value.value);
      if (add !== undefined && value.native !== undefined) {
        group.native = group.native === undefined ? value.native : add(group.native, value.native);
      }
    }
    const values = [...series.values()].map(({ like: { labels, metricName }, values, native }) => {
      const value = combine(values);
      return { labels, value, ...(metricName !== undefined && { metricName }), ...(native && { native }) };
    });
    return metrics.length === 0 ? undefined : { ...metrics[0], values };
  };
}

function byFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

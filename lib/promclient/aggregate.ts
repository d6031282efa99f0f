import { addNative } from '../model/add-native.js';
import { COMBINES, groupBySeries } from '../model/aggregation.js';
import { ConfigError, show } from '../model/errors.js';
import type { Aggregator, MetricObject, MetricValue } from './metric-object.js';

/** Makes one metric of those that several processes have of one name; `undefined` where it is to be left out. */
export type AggregateFunction = (metrics: readonly MetricObject[]) => MetricObject | undefined;

/** prom-client's ways to make one metric of several: series with the same name and labels become one. */
export const aggregators: Readonly<Record<Aggregator, AggregateFunction>> = {
  sum: aggregatorBy('sum'),
  first: aggregatorBy('first'),
  min: aggregatorBy('min'),
  max: aggregatorBy('max'),
  average: aggregatorBy('average'),
  omit: () => undefined,
};

/**
 * Makes one metric of each name from what several registries returned from `getMetricsAsJSON()`, each by its own
 * `aggregator`. Throws ConfigError for one that does not exist.
 */
export function aggregate(lists: readonly (readonly MetricObject[])[]): MetricObject[] {
  const byName = new Map<string, MetricObject[]>();
  for (const metric of lists.flat()) {
    const others = byName.get(metric.name);
    if (others === undefined) byName.set(metric.name, [metric]);
    else others.push(metric);
  }
  return [...byName.values()].flatMap((metrics) => {
    const { name, aggregator = 'sum' } = metrics[0];
    if (!Object.hasOwn(aggregators, aggregator)) {
      const known = Object.keys(aggregators).join(', ');
      throw new ConfigError(`Metric "${name}": aggregator must be one of ${known}, got ${show(aggregator)}.`);
    }
    const one = aggregators[aggregator](metrics);
    return one === undefined ? [] : [one];
  });
}

function aggregatorBy(by: Aggregator): AggregateFunction {
  return (metrics) => {
    if (metrics.length === 0) return undefined;
    const all = metrics.flatMap((metric) => metric.values);
    const values = groupBySeries(all, ({ metricName }) => metricName).map((group) => aggregated(group, by));
    return { ...metrics[0], values };
  };
}

function aggregated(group: readonly MetricValue[], by: Aggregator): MetricValue {
  const { labels, metricName, value: first, native: firstNative } = group[0];
  const combine = COMBINES[by];
  let value = first;
  // Native buckets add up; the other ways have no use for them.
  let native = by === 'sum' ? firstNative : undefined;
  for (let i = 1; i < group.length; i++) {
    const next = group[i];
    value = combine(value, next.value);
    if (by === 'sum' && next.native !== undefined) {
      native = native === undefined ? next.native : addNative(native, next.native);
    }
  }
  if (by === 'average') value /= group.length;
  if (native !== undefined) return { labels, value, ...(metricName !== undefined && { metricName }), native };
  return metricName === undefined ? { labels, value } : { labels, value, metricName };
}

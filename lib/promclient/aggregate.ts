import { addNative } from '../model/add-native.js';
import { AGGREGATORS, type Aggregation, COMBINES, commonQuantile, groupBySeries } from '../model/aggregation.js';
import { isLater, MODES, sourceLabelName } from '../model/combination.js';
import { ConfigError, show } from '../model/errors.js';
import { FAMILY_TYPES, TYPE_RULES } from '../model/family-types.js';
import type { MetricObject, MetricValue } from './metric-object.js';

/**
 * Merges the results of `getMetricsAsJSON()` of several registries into one metric per name: gauges by their
 * `aggregate`, everything else by its `aggregator`. Throws ConfigError for an unknown one, and for anything that is not
 * such a result.
 */
export function aggregate(lists: readonly object[]): MetricObject[] {
  const byName = new Map<string, Listed[]>();
  for (const [list, metrics] of arrayOf<object>(lists).entries()) {
    for (const metric of arrayOf<MetricObject>(metrics)) {
      arrayOf(metric?.values, metric);
      const others = byName.get(metric.name);
      if (others === undefined) byName.set(metric.name, [{ metric, list }]);
      else others.push({ metric, list });
    }
  }
  return [...byName.values()].flatMap((listed) => aggregateOne(listed) ?? []);
}

/** Returns an array of what other processes sent, whose types nobody has checked. Throws ConfigError for anything else. */
function arrayOf<T>(given: unknown, shown = given): readonly T[] {
  if (Array.isArray(given)) return given;
  throw new ConfigError(`Expected an array of results of getMetricsAsJSON(), got ${show(shown)}.`);
}

/** A metric and the index of its list. */
interface Listed {
  readonly metric: MetricObject;
  readonly list: number;
}

function aggregateOne(listed: readonly Listed[]): MetricObject | undefined {
  const { name, aggregator = 'sum', aggregate: mode } = listed[0].metric;
  if (mode === undefined) {
    checkKnown(name, 'aggregator', aggregator, AGGREGATORS);
    return aggregateBy(
      aggregator,
      listed.map(({ metric }) => metric),
    );
  }
  checkKnown(name, 'aggregate', mode, Object.keys(MODES));
  const { perSource, by } = MODES[mode];
  return aggregateBy(by, perSource ? listed.map(withSourceLabel) : listed.map(({ metric }) => metric));
}

function checkKnown(name: string, option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new ConfigError(`Metric "${name}": ${option} must be one of ${known.join(', ')}, got ${show(value)}.`);
}

/** Keeps the series of each worker separate. JSON does not name the worker, so the index of its list is the label. */
function withSourceLabel({ metric, list }: Listed): MetricObject {
  const values = metric.values.map((value): MetricValue => {
    const labels = value.labels as Readonly<Record<string, string | number>>;
    return { ...value, labels: { ...labels, [sourceLabelName('worker', Object.keys(labels))]: String(list) } };
  });
  return { ...metric, values };
}

/**
 * Merges the metrics of one name of several processes: series with the same name and labels are combined. Returns
 * undefined if there are none, or if the metric is left out.
 */
export function aggregateBy(by: Aggregation, metrics: readonly MetricObject[]): MetricObject | undefined {
  if (metrics.length === 0 || by === 'omit') return undefined;
  const [first] = metrics;
  const all = metrics.flatMap((metric) => metric.values);
  const groups = groupBySeries(all, ({ metricName }) => metricName);
  return { ...first, values: groups.flatMap((group) => combineGroup(group, first, by) ?? []) };
}

/** Combines the values of several workers; returns undefined if that is not possible. */
function combineGroup(
  group: readonly MetricValue[],
  { type, aggregate: mode }: MetricObject,
  by: Aggregation,
): MetricValue | undefined {
  if (mode !== undefined) return combine(setValuesOf(group), by);
  if (by !== 'sum') return combine(group, by);
  const { lines, merges } = TYPE_RULES[FAMILY_TYPES.find((known) => known === type) ?? 'unknown'];
  const isQuantile = lines === 'quantiles' && group[0].labels?.quantile !== undefined;
  return isQuantile ? commonQuantile(group) : combine(group, merges);
}

/** Returns the values that were set, or the first one if none was. */
function setValuesOf(group: readonly MetricValue[]): readonly MetricValue[] {
  const set = group.filter(({ isSet }) => isSet !== false);
  return set.length === 0 ? group.slice(0, 1) : set;
}

function combine(group: readonly MetricValue[], by: Aggregation): MetricValue {
  let newest = group[0];
  const { labels, metricName } = newest;
  const combineTwo = COMBINES[by];
  // Native buckets can only be added up.
  let native = by === 'sum' ? newest.native : undefined;
  let { value, exemplar } = newest;
  for (let i = 1; i < group.length; i++) {
    const next = group[i];
    if (by !== 'mostrecent') value = combineTwo(value, next.value);
    else if (isLater(next.setTime ?? NEVER, newest.setTime ?? NEVER)) {
      newest = next;
      value = next.value;
    }
    if (next.exemplar && !(exemplar && exemplar.timestamp > next.exemplar.timestamp)) exemplar = next.exemplar;
    if (by === 'sum' && next.native !== undefined) {
      native = native === undefined ? next.native : addNative(native, next.native);
    }
  }
  if (by === 'average') value /= group.length;
  const combinedValue: MetricValue = metricName === undefined ? { labels, value } : { labels, value, metricName };
  if (!exemplar && native === undefined) return combinedValue;
  return { ...combinedValue, ...(exemplar && { exemplar }), ...(native !== undefined && { native }) };
}

const NEVER = { at: 0, tick: 0 };

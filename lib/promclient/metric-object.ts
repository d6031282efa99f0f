import { canonicalFloat } from '../model/canonical-float.js';
import type { GaugeMerge, SetTime } from '../model/combination.js';
import { EXEMPLAR_LIMIT, type Exemplar, exemplarLength } from '../model/exemplar.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import { type FamilyType, isReservedLabel, reservedLabelOf } from '../model/family-types.js';
import { type LabelValue, toLabelString } from '../model/labels.js';
import { type FamilySource, GroupReading, type LiveFamily, type SnapshotFamily } from '../model/live-family.js';
import { isLegacyLabelName } from '../model/names.js';
import type { NativeHistogram } from '../model/native-histogram.js';
import { readSeries } from '../model/read-series.js';

/** How prom-client merges a metric over the workers of a cluster. */
export type Aggregator = 'omit' | 'sum' | 'first' | 'min' | 'max' | 'average';

/** One value of a metric, in prom-client's form: `le` and `quantile` are numbers, except for `+Inf`. */
export interface MetricValue<N extends string = string> {
  readonly value: number;
  readonly labels: Readonly<string extends N ? Record<N, string | number> : Partial<Record<N, string | number>>>;
  /** The name of the sample, if it differs from the metric's. */
  readonly metricName?: string;
  /** `null` for a bucket without an exemplar. */
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp: number;
  } | null;
  /** The exponential buckets of a native histogram, on the `_count` of its series. */
  readonly native?: NativeHistogram;
  /** False for a gauge with `aggregate` that was never set, which then does not count as 0 in the aggregate. */
  readonly isSet?: false;
  /** When the gauge was set, if it is aggregated by its most recent value. */
  readonly setTime?: SetTime;
}

/** A metric and its values, in prom-client's form. */
export interface MetricObject {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: Aggregator;
  /** How promark merges a gauge, if configured; takes precedence over `aggregator`. */
  readonly aggregate?: GaugeMerge;
  readonly values: MetricValue[];
}

/**
 * Returns a metric in prom-client's form: bounds, ranks and label values that callers passed as numbers are numbers.
 * Default labels are added to series that do not have them.
 */
export function metricObject(
  metric: FamilySource & AggregatedMetric,
  defaultLabels: Readonly<Record<string, string | number>> = {},
): MetricObject {
  if (metric.kind === 'live') return liveMetricObject(metric, defaultLabels);
  const { name, help, type, aggregator = 'sum' } = metric;
  return { name, help, type, aggregator, values: snapshotValues(metric, defaultLabels) };
}

/** The same for a live family. */
export function liveMetricObject(
  metric: LiveFamily & AggregatedMetric,
  defaultLabels: Readonly<Record<string, string | number>> = {},
): MetricObject {
  const { name, help, type, aggregator = 'sum', aggregate } = metric;
  const values = liveValues(metric, defaultLabels);
  if (aggregate === undefined) return { name, help, type, aggregator, values };
  return { name, help, type, aggregator, aggregate, values: withSettings(metric, values) };
}

/** The aggregation settings of a metric. */
interface AggregatedMetric {
  readonly aggregator?: Aggregator | undefined;
  readonly aggregate?: GaugeMerge | undefined;
  isSet?(row: number): boolean;
  lastSetAt?(row: number): number;
  lastSetTick?(row: number): number;
}

/** Adds whether and when each value of a gauge was set. */
function withSettings(gauge: LiveFamily & AggregatedMetric, values: readonly MetricValue[]): MetricValue[] {
  let next = 0;
  const all: MetricValue[] = [];
  const isTimed = gauge.aggregate?.endsWith('mostrecent') === true;
  readSeries(gauge, reading, (row) => {
    const value = values[next++];
    if (gauge.isSet?.(row) === false) all.push({ ...value, isSet: false });
    else if (!isTimed) all.push(value);
    else all.push({ ...value, setTime: { at: gauge.lastSetAt?.(row) ?? 0, tick: gauge.lastSetTick?.(row) ?? 0 } });
  });
  return all;
}

/** Scratch memory, shared by all metrics: reading one is synchronous. */
const reading = new GroupReading(true);

/** One line of each series of a family, in prom-client's form. */
interface Line {
  readonly metricName: string;
  readonly isNamed: boolean;
  readonly isBucket: boolean;
  readonly label: readonly [name: string, value: string | number] | undefined;
}

const linesOfFamilies = new WeakMap<LiveFamily, readonly Line[]>();

function linesOf(family: LiveFamily): readonly Line[] {
  let lines = linesOfFamilies.get(family);
  if (lines === undefined) {
    const reserved = reservedLabelOf(family.type);
    lines = family.shape.map(({ suffix, label }) => ({
      metricName: family.name + suffix,
      isNamed: suffix !== '',
      isBucket: suffix === '_bucket',
      label: label && [label[0], label[0] === reserved && label[1] !== '+Inf' ? Number(label[1]) : label[1]],
    }));
    linesOfFamilies.set(family, lines);
  }
  return lines;
}

/** Reads the values from the cells, without a snapshot in between. */
function liveValues(family: LiveFamily, defaultLabels: Readonly<Record<string, string | number>>): MetricValue[] {
  const { labelNames } = family;
  const lines = linesOf(family);
  const originals = labelNames.map(() => new Map<string, string | number>());
  const originalValue = (position: number, labelValue: string): string | number => {
    let original = originals[position].get(labelValue);
    if (original === undefined) {
      original = family.isNumeric?.(labelNames[position], labelValue) === true ? Number(labelValue) : labelValue;
      originals[position].set(labelValue, original);
    }
    return original;
  };
  const defaults = Object.entries(defaultLabels);
  const values: MetricValue[] = [];
  readSeries(family, reading, (row, labelValues, at) => {
    const ownLabels = labelValues.map((value, i) => originalValue(i, value));
    for (let line = 0; line < lines.length; line++) {
      const { metricName, isNamed, isBucket, label } = lines[line];
      // Assigned key by key: V8 takes several times as long to spread an object that was built in another way.
      const labels: Record<string, string | number> = {};
      for (const [name, value] of defaults) labels[name] = value;
      for (let i = 0; i < ownLabels.length; i++) if (ownLabels[i] !== '') labels[labelNames[i]] = ownLabels[i];
      if (label !== undefined) labels[label[0]] = label[1];
      const value = reading.values[at + line];
      const stored = family.exemplar(row, line);
      const exemplar = stored && exemplarObject(stored);
      if (isBucket) values.push({ labels, value, metricName, exemplar: exemplar ?? null });
      else if (exemplar !== undefined) values.push({ labels, value, ...(isNamed && { metricName }), exemplar });
      else values.push(isNamed ? { labels, value, metricName } : { labels, value });
    }
    // The last line of a histogram is its count.
    if (reading.readNative !== undefined) {
      values.push({ ...(values.pop() as MetricValue), native: reading.readNative(row).toHistogram() });
    }
  });
  return values;
}

function snapshotValues(
  family: SnapshotFamily,
  defaultLabels: Readonly<Record<string, string | number>>,
): MetricValue[] {
  const { name, type, samples } = family.snapshot();
  const reserved = reservedLabelOf(type);
  return samples.map(({ name: metricName, labels: sampleLabels, value, exemplar, native }): MetricValue => {
    const labels: Record<string, string | number> = { ...defaultLabels };
    for (const [label, labelValue] of Object.entries(sampleLabels)) {
      labels[label] = label === reserved && labelValue !== '+Inf' ? Number(labelValue) : labelValue;
    }
    return {
      labels,
      value,
      ...(metricName !== name && { metricName }),
      ...(metricName === `${name}_bucket` && { exemplar: null }),
      ...(exemplar && { exemplar: exemplarObject(exemplar) }),
      ...(native && { native }),
    };
  });
}

function exemplarObject({ labels, value, timestamp = 0 }: Exemplar): NonNullable<MetricValue['exemplar']> {
  return { labelSet: labels, value, timestamp: timestamp / 1000 };
}

/** Returns the family of a metric in prom-client's form. Throws LabelError for a label value that is not a string. */
export function snapshotOfObject({
  name,
  help,
  type,
  values,
}: Pick<MetricObject, 'name' | 'help' | 'type' | 'values'>): FamilySnapshot {
  // Many series share the same bounds, so each is formatted once.
  const boundStrings = new Map<number, string>();
  const samples = values.map((value) => sampleOf(name, value, boundStrings));
  return { name, help, type: type as FamilyType, unit: '', samples };
}

function sampleOf(
  family: string,
  { labels, value, metricName, exemplar, native }: MetricValue,
  boundStrings: Map<number, string>,
): Sample {
  const sampleLabels: Record<string, string> = {};
  // In a summary of @prometheus-io/client, sum and count have no labels.
  for (const label in labels) {
    const labelValue = labels[label];
    const isBound = typeof labelValue === 'number' && isReservedLabel(label);
    sampleLabels[label] = isBound ? boundString(labelValue, boundStrings) : toLabelString(labelValue, label, family);
  }
  const kept = exemplar ? exemplarOf(exemplar) : undefined;
  const name = metricName ?? family;
  if (kept === undefined && native === undefined) return { name, labels: sampleLabels, value };
  return { name, labels: sampleLabels, value, ...(kept && { exemplar: kept }), ...(native && { native }) };
}

function boundString(bound: number, boundStrings: Map<number, string>): string {
  let formatted = boundStrings.get(bound);
  if (formatted === undefined) {
    formatted = canonicalFloat(bound);
    boundStrings.set(bound, formatted);
  }
  return formatted;
}

/** Leaves out an exemplar that OpenMetrics cannot represent. */
function exemplarOf({ labelSet, value, timestamp }: NonNullable<MetricValue['exemplar']>): Exemplar | undefined {
  if (typeof labelSet !== 'object' || labelSet === null || typeof value !== 'number') return undefined;
  const labels: Record<string, string> = {};
  for (const [label, labelValue] of Object.entries(labelSet as { [label: string]: LabelValue })) {
    if (!isLegacyLabelName(label)) return undefined;
    labels[label] = toLabelString(labelValue, label, '', 'Exemplar');
  }
  if (exemplarLength(labels) > EXEMPLAR_LIMIT) return undefined;
  return { labels, value, ...(Number.isFinite(timestamp) && { timestamp: Math.round(timestamp * 1000) }) };
}

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
  readonly values: readonly MetricValue[];
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

/** A line of each series of a family, with prom-client's names. */
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
  const shown = labelNames.map(() => new Map<string, string | number>());
  const shownAs = (position: number, text: string): string | number => {
    let value = shown[position].get(text);
    if (value === undefined) {
      value = family.isNumeric?.(labelNames[position], text) === true ? Number(text) : text;
      shown[position].set(text, value);
    }
    return value;
  };
  const defaults = Object.entries(defaultLabels);
  const values: MetricValue[] = [];
  readSeries(family, reading, (row, texts, at) => {
    const own = texts.map((text, i) => shownAs(i, text));
    for (let line = 0; line < lines.length; line++) {
      const { metricName, isNamed, isBucket, label } = lines[line];
      // Key by key: V8 spreads an object that was created in another way several times as slowly.
      const labels: Record<string, string | number> = {};
      for (const [name, value] of defaults) labels[name] = value;
      for (let i = 0; i < own.length; i++) if (own[i] !== '') labels[labelNames[i]] = own[i];
      if (label !== undefined) labels[label[0]] = label[1];
      const value = reading.values[at + line];
      const kept = family.exemplar(row, line);
      const exemplar = kept && exemplarObject(kept);
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
  return samples.map(({ name: metricName, labels: texts, value, exemplar, native }): MetricValue => {
    const labels: Record<string, string | number> = { ...defaultLabels };
    for (const [label, text] of Object.entries(texts)) {
      labels[label] = label === reserved && text !== '+Inf' ? Number(text) : text;
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
  const boundTexts = new Map<number, string>();
  const samples = values.map((value) => sampleOf(name, value, boundTexts));
  return { name, help, type: type as FamilyType, unit: '', samples };
}

function sampleOf(
  family: string,
  { labels, value, metricName, exemplar, native }: MetricValue,
  boundTexts: Map<number, string>,
): Sample {
  const texts: Record<string, string> = {};
  // In a summary of @prometheus-io/client, sum and count have no labels.
  for (const label in labels) {
    const given = labels[label];
    const isBound = typeof given === 'number' && isReservedLabel(label);
    texts[label] = isBound ? boundText(given, boundTexts) : toLabelString(given, label, family);
  }
  const own = exemplar ? exemplarOf(exemplar) : undefined;
  const name = metricName ?? family;
  if (own === undefined && native === undefined) return { name, labels: texts, value };
  return { name, labels: texts, value, ...(own && { exemplar: own }), ...(native && { native }) };
}

function boundText(bound: number, boundTexts: Map<number, string>): string {
  let text = boundTexts.get(bound);
  if (text === undefined) {
    text = canonicalFloat(bound);
    boundTexts.set(bound, text);
  }
  return text;
}

/** Leaves out an exemplar that OpenMetrics cannot represent. */
function exemplarOf({ labelSet, value, timestamp }: NonNullable<MetricValue['exemplar']>): Exemplar | undefined {
  if (typeof labelSet !== 'object' || labelSet === null || typeof value !== 'number') return undefined;
  const labels: Record<string, string> = {};
  for (const [label, given] of Object.entries(labelSet as { [label: string]: LabelValue })) {
    if (!isLegacyLabelName(label)) return undefined;
    labels[label] = toLabelString(given, label, '', 'Exemplar');
  }
  if (exemplarLength(labels) > EXEMPLAR_LIMIT) return undefined;
  return { labels, value, ...(Number.isFinite(timestamp) && { timestamp: Math.round(timestamp * 1000) }) };
}

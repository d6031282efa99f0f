import { canonicalFloat } from '../model/canonical-float.js';
import { EXEMPLAR_LIMIT, type Exemplar, exemplarLength } from '../model/exemplar.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import { type FamilyType, isStepLabel, stepLabelOf } from '../model/family-types.js';
import { type LabelValue, toLabelString } from '../model/labels.js';
import type { FamilySource } from '../model/live-family.js';
import { isLegacyLabelName } from '../model/names.js';
import type { NativeHistogram } from '../model/native-histogram.js';
import { snapshotOf } from '../model/snapshot-of.js';

/** How prom-client merges a metric over the workers of a cluster. */
export type Aggregator = 'omit' | 'sum' | 'first' | 'min' | 'max' | 'average';

/** Every one of them. */
export const AGGREGATORS: readonly Aggregator[] = ['omit', 'sum', 'first', 'min', 'max', 'average'];

/** One value of a metric, in prom-client's form: `le` and `quantile` are numbers, except for `+Inf`. */
export interface MetricValue<N extends string = string> {
  readonly value: number;
  readonly labels: Readonly<string extends N ? Record<N, string | number> : Partial<Record<N, string | number>>>;
  /** The name of the sample where it is not the metric's. */
  readonly metricName?: string;
  /** `null` for a bucket without one. */
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp: number;
  } | null;
  /** The exponential buckets of a native histogram; stands with the `_count` of its series. */
  readonly native?: NativeHistogram;
}

/** A metric and its values, in prom-client's form. */
export interface MetricObject {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: Aggregator;
  readonly values: readonly MetricValue[];
}

/**
 * A metric as prom-client shows it: bounds, ranks and label values that were given as numbers are numbers. Default labels
 * apply where a series has none of the name.
 */
export function metricObject(
  metric: FamilySource & { readonly aggregator?: Aggregator },
  defaultLabels: Readonly<Record<string, string | number>> = {},
): MetricObject {
  const { name, help, type, samples } = snapshotOf(metric);
  const step = stepLabelOf(type);
  const isNumber = (label: string, text: string): boolean =>
    label === step ? text !== '+Inf' : metric.kind === 'live' && metric.isNumeric?.(label, text) === true;
  const own = (sample: Sample): MetricValue['labels'] => {
    const labels: Record<string, string | number> = { ...defaultLabels };
    for (const [label, text] of Object.entries(sample.labels)) {
      labels[label] = isNumber(label, text) ? Number(text) : text;
    }
    return labels;
  };
  const values = samples.map((sample): MetricValue => {
    const { exemplar, value, native } = sample;
    return {
      labels: own(sample),
      value,
      ...(sample.name !== name && { metricName: sample.name }),
      ...(sample.name === `${name}_bucket` && { exemplar: null }),
      ...(exemplar && {
        exemplar: { labelSet: exemplar.labels, value: exemplar.value, timestamp: (exemplar.timestamp ?? 0) / 1000 },
      }),
      ...(native && { native }),
    };
  });
  return { name, help, type, aggregator: metric.aggregator ?? 'sum', values };
}

/** The family that a metric in prom-client's form stands for. Throws LabelError for a label value that is no string. */
export function snapshotOfObject({
  name,
  help,
  type,
  values,
}: Pick<MetricObject, 'name' | 'help' | 'type' | 'values'>): FamilySnapshot {
  return { name, help, type: type as FamilyType, unit: '', samples: values.map((value) => sampleOf(name, value)) };
}

function sampleOf(family: string, { labels, value, metricName, exemplar, native }: MetricValue): Sample {
  const texts: Record<string, string> = {};
  // A summary of @prometheus-io/client has no labels at its sum and count.
  for (const [label, given] of Object.entries(labels ?? {})) {
    const isStep = typeof given === 'number' && isStepLabel(label);
    texts[label] = isStep ? canonicalFloat(given) : toLabelString(given, label, family);
  }
  const own = exemplar && exemplarOf(exemplar);
  return { name: metricName ?? family, labels: texts, value, ...(own && { exemplar: own }), ...(native && { native }) };
}

/** An exemplar that OpenMetrics cannot show is left out. */
function exemplarOf({ labelSet, value, timestamp }: NonNullable<MetricValue['exemplar']>): Exemplar | undefined {
  if (typeof labelSet !== 'object' || labelSet === null || typeof value !== 'number') return undefined;
  const labels: Record<string, string> = {};
  for (const [label, given] of Object.entries(labelSet as { [label: string]: LabelValue })) {
    if (!isLegacyLabelName(label)) return undefined;
    labels[label] = toLabelString(given, label, 'exemplar');
  }
  if (exemplarLength(labels) > EXEMPLAR_LIMIT) return undefined;
  return { labels, value, ...(Number.isFinite(timestamp) && { timestamp: Math.round(timestamp * 1000) }) };
}

import type { FamilyType, Sample } from '../model/family.js';
import type { FamilySource } from '../model/live-family.js';
import type { NativeHistogram } from '../model/native-histogram.js';
import { snapshotOf } from '../model/snapshot-of.js';
import type { Aggregator } from './aggregator.js';

/** One value of a metric, in prom-client's form: `le` and `quantile` are numbers, except for `+Inf`. */
export interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** The name of the sample where it is not the metric's. */
  readonly metricName?: string;
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp: number;
  };
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

/** The label that a type writes itself and that prom-client gives as a number. */
const NUMERIC_LABELS: Partial<Record<FamilyType, string>> = {
  histogram: 'le',
  gaugehistogram: 'le',
  summary: 'quantile',
};

/** A metric as prom-client shows it; default labels stand where a series has none of the name. */
export function metricObject(
  metric: FamilySource & { readonly aggregator?: Aggregator },
  defaultLabels: Readonly<Record<string, string>> = {},
): MetricObject {
  const { name, help, type, samples } = snapshotOf(metric);
  const own = (sample: Sample): MetricValue['labels'] => {
    const labels: Record<string, string | number> = { ...defaultLabels, ...sample.labels };
    const numeric = NUMERIC_LABELS[type];
    const text = numeric && sample.labels[numeric];
    if (numeric && text && text !== '+Inf') labels[numeric] = Number(text);
    return labels;
  };
  const values = samples.map((sample): MetricValue => {
    const { exemplar, value, native } = sample;
    return {
      labels: own(sample),
      value,
      ...(sample.name !== name && { metricName: sample.name }),
      ...(exemplar && {
        exemplar: { labelSet: exemplar.labels, value: exemplar.value, timestamp: (exemplar.timestamp ?? 0) / 1000 },
      }),
      ...(native && { native }),
    };
  });
  return { name, help, type, aggregator: metric.aggregator ?? 'sum', values };
}

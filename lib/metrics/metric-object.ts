import type { LiveFamily } from '../model/live-family.js';
import { snapshotOf } from '../model/snapshot-of.js';
import type { Aggregator } from './config.js';

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
}

/** A metric and its values, in prom-client's form. */
export interface MetricObject {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: Aggregator;
  readonly values: readonly MetricValue[];
}

/** A family as prom-client shows it. */
export function metricObject(family: LiveFamily & { readonly aggregator?: Aggregator }): MetricObject {
  const { name, help, type, samples } = snapshotOf(family);
  const values = samples.map((sample): MetricValue => {
    const labels: Record<string, string | number> = { ...sample.labels };
    for (const numeric of ['le', 'quantile']) {
      if (!family.labelNames.includes(numeric) && labels[numeric] !== undefined)
        labels[numeric] = asNumber(labels[numeric]);
    }
    const { exemplar, value } = sample;
    return {
      labels,
      value,
      ...(sample.name === name ? {} : { metricName: sample.name }),
      ...(exemplar && {
        exemplar: { labelSet: exemplar.labels, value: exemplar.value, timestamp: (exemplar.timestamp ?? 0) / 1000 },
      }),
    };
  });
  return { name, help, type, aggregator: family.aggregator ?? 'sum', values };
}

function asNumber(text: string | number): string | number {
  return text === '+Inf' ? text : Number(text);
}

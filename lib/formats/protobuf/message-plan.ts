import type { FamilyHead, FamilyType } from '../../model/family.js';
import type { LiveFamily } from '../../model/live-family.js';
import { escapeMetricName } from '../escaping.js';
import type { LabelPairs } from '../line.js';
import { isComposite } from '../sorted-samples.js';
import { type Variant, withDefaults } from '../variant.js';
import { METRIC } from './fields.js';

/** MetricType of each type; those that protobuf does not know are shown as the nearest that it does. */
export const TYPES: Readonly<Record<FamilyType, number>> = {
  counter: 0,
  gauge: 1,
  info: 1,
  stateset: 1,
  summary: 2,
  unknown: 3,
  histogram: 4,
  gaugehistogram: 5,
};

/** Which message of Metric the value of a family stands in that has one value a line. */
export function singleTag(type: FamilyType): number {
  if (type === 'counter') return METRIC.counter;
  return type === 'unknown' ? METRIC.untyped : METRIC.gauge;
}

/** The name of a family as it stands in the message. */
export function nameOf({ name, type }: FamilyHead, { prefix, escaping }: Variant): string {
  return escapeMetricName(prefix + name, escaping) + (type === 'info' ? '_info' : '');
}

/** How the series of a live family become messages in one variant. */
export class MessagePlan {
  readonly composite: boolean;
  readonly singleTag: number;
  /** The upper bounds of a histogram's buckets, `+Inf` included, or the ranks of a summary. */
  readonly steps: Float64Array;
  private readonly lineLabels: LabelPairs;

  constructor(
    private readonly family: LiveFamily,
    readonly variant: Variant,
  ) {
    this.composite = isComposite(family.type);
    this.singleTag = singleTag(family.type);
    this.lineLabels = family.shape.flatMap(({ label }) => (label === undefined ? [] : [label]));
    this.steps = Float64Array.from(this.composite ? this.lineLabels.map(([, text]) => stepOf(text)) : []);
  }

  /** The labels of a series. */
  labels(labelValues: readonly string[]): LabelPairs {
    return withDefaults(
      this.variant,
      this.family.labelNames.map((name, i) => [name, labelValues[i]] as const),
    );
  }

  /** The labels of one line of a series whose lines are metrics of their own. */
  lineOf(labels: LabelPairs, line: number): LabelPairs {
    const own = this.lineLabels[line];
    if (own === undefined) return labels;
    // A state set's label has the family's name, so a prefix goes before it as well.
    const [name, value] = own;
    return [...labels, [name === this.family.name ? this.variant.prefix + name : name, value]];
  }
}

/** The number that a `le` or `quantile` label says. */
export function stepOf(text: string): number {
  return text === '+Inf' ? Infinity : Number(text);
}

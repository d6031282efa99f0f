import type { Aggregation } from '../../model/aggregation.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';

/** How the values of several sources become one. */
export interface Combination {
  /** Whether sources that have ended are left out. */
  readonly live: boolean;
  /** Whether each source has a series of its own, with the labels of the source. */
  readonly apart: boolean;
  readonly by: Aggregation;
}

const sum: Combination = { live: false, apart: false, by: 'sum' };

/** The Python client's modes of a gauge. */
const MODES: Readonly<Record<string, Combination>> = {
  all: { live: false, apart: true, by: 'mostrecent' },
  liveall: { live: true, apart: true, by: 'mostrecent' },
  sum,
  livesum: { live: true, apart: false, by: 'sum' },
  min: { live: false, apart: false, by: 'min' },
  livemin: { live: true, apart: false, by: 'min' },
  max: { live: false, apart: false, by: 'max' },
  livemax: { live: true, apart: false, by: 'max' },
  mostrecent: { live: false, apart: false, by: 'mostrecent' },
  livemostrecent: { live: true, apart: false, by: 'mostrecent' },
};

/** prom-client's aggregators. */
const AGGREGATORS: ReadonlySet<unknown> = new Set<Aggregation>(['sum', 'min', 'max', 'first', 'average', 'omit']);

/**
 * How a family merges. Gauges go by their mode and, where they have none, by prom-client's aggregator over the living. A
 * state is on where any of the living is in it. Everything else that was counted stays when its source ends.
 */
export function combinationOf({ type, aggregate, aggregator }: FamilyDescriptor): Combination {
  const by = AGGREGATORS.has(aggregator) ? (aggregator as Aggregation) : 'sum';
  if (type === 'gauge') return MODES[aggregate ?? ''] ?? { live: true, apart: false, by };
  if (type === 'stateset') return { live: true, apart: false, by: 'max' };
  if (by === 'omit') return { ...sum, by };
  // Buckets and quantiles have no other way, nor have totals whose sources come and go.
  return type === 'counter' && (by === 'min' || by === 'max' || by === 'first') ? { ...sum, by } : sum;
}

/** The label names of a merged family: with those of sources if each has a series of its own. */
export function mergedLabelNames(descriptor: FamilyDescriptor, sourceLabels: readonly string[]): readonly string[] {
  const { labelNames } = descriptor;
  if (!combinationOf(descriptor).apart) return labelNames;
  return [...labelNames, ...sourceLabels.filter((label) => !labelNames.includes(label))];
}

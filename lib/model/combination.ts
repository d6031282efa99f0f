import { AGGREGATORS, type Aggregation } from './aggregation.js';
import type { FamilyDescriptor } from './descriptor.js';
import { TYPE_RULES } from './family-types.js';

/** How values from several sources are combined. */
export interface Combination {
  /** Whether ended sources are excluded. */
  readonly liveOnly: boolean;
  /** Whether each source keeps its own series, with the labels of the source. */
  readonly perSource: boolean;
  readonly by: Aggregation;
}

const sum: Combination = { liveOnly: false, perSource: false, by: 'sum' };

/** Gauge modes of the Python client. */
export const MODES = {
  all: { liveOnly: false, perSource: true, by: 'mostrecent' },
  liveall: { liveOnly: true, perSource: true, by: 'mostrecent' },
  sum,
  livesum: { liveOnly: true, perSource: false, by: 'sum' },
  min: { liveOnly: false, perSource: false, by: 'min' },
  livemin: { liveOnly: true, perSource: false, by: 'min' },
  max: { liveOnly: false, perSource: false, by: 'max' },
  livemax: { liveOnly: true, perSource: false, by: 'max' },
  mostrecent: { liveOnly: false, perSource: false, by: 'mostrecent' },
  livemostrecent: { liveOnly: true, perSource: false, by: 'mostrecent' },
} satisfies Readonly<Record<string, Combination>>;

/**
 * How the values of several threads or processes are merged: their sum, minimum, maximum, the most recent one, or `all`,
 * each with a label for its source. The `live` modes leave out those that have ended. These are the Python client's modes.
 */
export type GaugeMerge = keyof typeof MODES;

/** Whether there is a mode of this name. */
export function isMode(name: unknown): name is GaugeMerge {
  return typeof name === 'string' && Object.hasOwn(MODES, name);
}

/**
 * How a family is merged. Gauges follow their mode or, without one, prom-client's aggregator over live sources. A state
 * is on if any live source is in it. Everything else keeps counting what ended sources recorded.
 */
export function combinationOf({ type, aggregate, aggregator }: FamilyDescriptor): Combination {
  const by = AGGREGATORS.find((known) => known === aggregator) ?? 'sum';
  const { valuesAreSet, merges } = TYPE_RULES[type];
  if (type === 'gauge') return isMode(aggregate) ? MODES[aggregate] : { liveOnly: true, perSource: false, by };
  if (valuesAreSet) return { liveOnly: true, perSource: false, by: merges };
  if (by === 'omit') return { ...sum, by };
  // Buckets and quantiles can only be added up, and an average of counters would jump whenever a source starts or ends.
  return type === 'counter' && (by === 'min' || by === 'max' || by === 'first') ? { ...sum, by } : sum;
}

/** When a value was set, by two clocks. */
export interface SetTime {
  /** Milliseconds since the epoch, by the wall clock, which may be adjusted. */
  readonly at: number;
  /** Nanoseconds of the monotonic clock that all processes of the machine share; 0 if unknown. */
  readonly tick: number;
}

/** Whether a value was set after another one, or at the same time. */
export function isLater({ at, tick }: SetTime, other: SetTime): boolean {
  // The clocks are read one after the other, so the wall clock may have advanced by a millisecond in between.
  return Math.abs(at - other.at) > 1 ? at > other.at : tick >= other.tick;
}

/** The label names of a merged family, including the source labels if each source keeps its own series. */
export function mergedLabelNames(descriptor: FamilyDescriptor, sourceLabels: readonly string[]): readonly string[] {
  const { labelNames } = descriptor;
  if (!combinationOf(descriptor).perSource) return labelNames;
  return [...labelNames, ...sourceLabels.map((label) => sourceLabelName(label, labelNames))];
}

/**
 * The name of a label of a source on a family with these labels: `source_worker` if the family has a label `worker` of its
 * own, which keeps its values.
 */
export function sourceLabelName(label: string, labelNames: readonly string[]): string {
  return labelNames.includes(label) ? sourceLabelName(`source_${label}`, labelNames) : label;
}

/** The labels of a source, as they are on a family with the given labels. */
export function sourceLabelsOn(
  labels: Readonly<Record<string, string>>,
  labelNames: readonly string[],
): Readonly<Record<string, string>> {
  const named = Object.entries(labels).map(([label, value]) => [sourceLabelName(label, labelNames), value]);
  return Object.fromEntries(named);
}

import { groupBySeries } from '../model/aggregation.js';
import { ConfigError, show } from '../model/errors.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import type { FamilyType } from '../model/family-types.js';
import { type LabelValue, toLabelString } from '../model/labels.js';
import { checkLabelName, checkMetricName } from '../model/names.js';
import { isOptionsObject } from '../model/options.js';

/** What a collector may return: families, sync or async. */
export type Families =
  | Iterable<FamilySnapshot>
  | AsyncIterable<FamilySnapshot>
  | Promise<Iterable<FamilySnapshot> | AsyncIterable<FamilySnapshot>>;

/**
 * Yields families for each page, from values that are kept elsewhere, such as a library's total.
 *
 * @example
 * register.registerCollector({
 *   name: 'pool',
 *   *collect() {
 *     yield counterFamily('pool_queries_total', 'Queries of the pool', pool.queryCount);
 *   },
 * });
 */
export interface Collector {
  /** The name of the collector in warnings and in `promark_collect_errors_total`. */
  readonly name: string;
  /**
   * Returns the current families. Called once for each page; if it throws, the error is counted and only these families
   * are left out.
   */
  collect(): Families;
}

/** Calls a collector and validates what it yields. Throws or rejects if that is invalid. */
export async function familiesOf(collector: Collector): Promise<FamilySnapshot[]> {
  const families: FamilySnapshot[] = [];
  for await (const family of await collector.collect()) families.push(checkFamily(family));
  return families;
}

/** Returns the family if it is valid. Throws ConfigError or LabelError. */
export function checkFamily(family: FamilySnapshot): FamilySnapshot {
  checkMetricName(family?.name);
  const stem = family.name.replace(/_total$/, '');
  const checked = new Set<string>();
  let hasEmpty = false;
  for (const { name, labels, value } of family.samples) {
    if (!name.startsWith(stem)) {
      throw new ConfigError(`Family "${family.name}" cannot have a sample named ${show(name)}.`);
    }
    if (typeof value !== 'number')
      throw new ConfigError(`Sample "${name}": value must be a number, got ${show(value)}.`);
    for (const label of Object.keys(labels)) {
      if (!checked.has(label)) checkLabelName(label, family.name);
      checked.add(label);
      if (typeof labels[label] !== 'string')
        throw new ConfigError(`Sample "${name}": label "${label}" must be a string, got ${show(labels[label])}.`);
      hasEmpty ||= labels[label] === '';
    }
  }
  const series = groupBySeries(hasEmpty ? family.samples.map(seriesOf) : family.samples, ({ name }) => name);
  const [twice] = series.find((samples) => samples.length > 1) ?? [];
  if (twice !== undefined) {
    const key = JSON.stringify([twice.name, Object.entries(twice.labels).sort()]);
    throw new ConfigError(`Family "${family.name}" has the series ${key} twice.`);
  }
  return family;
}

/** A sample's name and labels, without empty ones: to Prometheus, they do not exist. */
function seriesOf({ name, labels }: Sample): Pick<Sample, 'name' | 'labels'> {
  return { name, labels: Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== '')) };
}

/** One series of a family that a collector yields. */
export interface ConstantSeries {
  /** The labels of the series. Default: none. */
  readonly labels?: { readonly [label: string]: LabelValue };
  /** The current value. */
  readonly value: number;
  /** Milliseconds since the epoch; omit it unless the value was measured at another time. */
  readonly timestamp?: number;
}

/** Returns a counter whose total is kept elsewhere. The value is one number, or one for each set of labels. */
export function counterFamily(name: string, help: string, value: number | readonly ConstantSeries[]): FamilySnapshot {
  return family('counter', name, help, value);
}

/** Returns a gauge whose value is kept elsewhere. The value is one number, or one for each set of labels. */
export function gaugeFamily(name: string, help: string, value: number | readonly ConstantSeries[]): FamilySnapshot {
  return family('gauge', name, help, value);
}

function family(
  type: FamilyType,
  name: string,
  help: string,
  value: number | readonly ConstantSeries[],
): FamilySnapshot {
  const series = typeof value === 'number' ? [{ value }] : value;
  if (!Array.isArray(series) || series.some((one) => !isOptionsObject(one))) {
    throw new ConfigError(
      `Family ${show(name)}: value must be a number or an array of { labels, value }, got ${show(value)}.`,
    );
  }
  return { type, name, help, unit: '', samples: series.map((one) => sample(name, one)) };
}

function sample(name: string, { labels = {}, value, timestamp }: ConstantSeries): FamilySnapshot['samples'][number] {
  const labelStrings: Record<string, string> = {};
  for (const [label, value] of Object.entries(labels)) labelStrings[label] = toLabelString(value, label, name);
  return { name, labels: labelStrings, value, ...(timestamp !== undefined && { timestamp }) };
}

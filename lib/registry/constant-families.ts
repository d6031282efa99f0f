import type { FamilySnapshot, FamilyType } from '../model/family.js';
import { type LabelValue, toLabelString } from '../model/labels.js';

/** One series of a family that a collector yields. */
export interface ConstantSeries {
  readonly labels?: { readonly [label: string]: LabelValue };
  readonly value: number;
  /** Milliseconds since the epoch; leave it out unless the value is that of another time than now. */
  readonly timestamp?: number;
}

/** A counter whose total is kept elsewhere. The value is one number, or one for each set of labels. */
export function counterFamily(name: string, help: string, value: number | readonly ConstantSeries[]): FamilySnapshot {
  return family('counter', name, help, value);
}

/** A gauge whose value is known elsewhere. The value is one number, or one for each set of labels. */
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
  return { type, name, help, unit: '', samples: series.map((one) => sample(name, one)) };
}

function sample(name: string, { labels = {}, value, timestamp }: ConstantSeries): FamilySnapshot['samples'][number] {
  const texts: Record<string, string> = {};
  for (const [label, given] of Object.entries(labels)) texts[label] = toLabelString(given, label, name);
  return { name, labels: texts, value, ...(timestamp !== undefined && { timestamp }) };
}

import type { FamilySnapshot } from '../model/family.js';
import { reservedLabelOf, TYPE_RULES } from '../model/family-types.js';

/** A snapshot in the form of a live family: a row for each series, all with the same lines. */
export interface SnapshotRows {
  readonly labels: readonly string[];
  readonly lines: readonly (readonly [suffix: string, label: string, value: string])[];
  readonly series: readonly { readonly labelValues: readonly string[]; readonly values: readonly number[] }[];
}

/** Groups the samples of a snapshot by series. Lines that a series lacks are NaN. */
export function snapshotRows({ name, type, samples }: FamilySnapshot): SnapshotRows {
  const lineLabel = TYPE_RULES[type].lines === 'states' ? name : reservedLabelOf(type);
  const [labels, lines, series] = [
    new Set<string>(),
    new Map<string, number>(),
    new Map<string, Map<number, number>>(),
  ];
  for (const sample of samples)
    for (const label of Object.keys(sample.labels)) if (label !== lineLabel) labels.add(label);
  const order = [...labels];
  for (const sample of samples) {
    const value = lineLabel === undefined ? undefined : sample.labels[lineLabel];
    const suffix = sample.name.startsWith(name) ? sample.name.slice(name.length) : '';
    const line = JSON.stringify([suffix, value === undefined ? '' : lineLabel, value ?? '']);
    if (!lines.has(line)) lines.set(line, lines.size);
    const key = JSON.stringify(order.map((label) => sample.labels[label] ?? ''));
    const values = series.get(key) ?? new Map<number, number>();
    series.set(key, values.set(lines.get(line) ?? 0, sample.value));
  }
  return {
    labels: order,
    lines: [...lines.keys()].map((line) => JSON.parse(line) as [string, string, string]),
    series: [...series].map(([key, values]) => ({
      labelValues: JSON.parse(key) as string[],
      values: Array.from({ length: lines.size }, (_, i) => values.get(i) ?? Number.NaN),
    })),
  };
}

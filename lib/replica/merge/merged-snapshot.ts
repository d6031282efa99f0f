import { addNative } from '../../model/add-native.js';
import type { FamilySnapshot, Sample } from '../../model/family.js';
import type { SnapshotFamily } from '../../model/live-family.js';

/**
 * One family made of snapshots that several sources have taken: totals add up, a state is on where any source is in it, and
 * the series of an info are those of all.
 */
export function mergedSnapshot(families: readonly SnapshotFamily[]): SnapshotFamily {
  const [first] = families;
  const { name, type, help, unit } = first;
  return {
    kind: 'snapshot',
    name,
    type,
    help,
    unit,
    get sampleNames() {
      return [...new Set(families.flatMap(({ sampleNames }) => sampleNames))];
    },
    snapshot: () => merge(families.map((family) => family.snapshot())),
  };
}

function merge(snapshots: readonly FamilySnapshot[]): FamilySnapshot {
  const [{ name, type, help, unit }] = snapshots;
  const samples = new Map<string, Sample>();
  for (const sample of snapshots.flatMap((snapshot) => snapshot.samples)) {
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort(byName)]);
    const known = samples.get(key);
    samples.set(key, known === undefined ? sample : added(type, known, sample));
  }
  return { name, type, help, unit, samples: [...samples.values()] };
}

function added(type: FamilySnapshot['type'], a: Sample, b: Sample): Sample {
  if (type === 'info') return a;
  if (type === 'stateset') return a.value >= b.value ? a : b;
  // Quantiles cannot be merged: those of the first source stay.
  if (b.labels.quantile !== undefined) return a;
  const native = a.native && b.native ? addNative(a.native, b.native) : undefined;
  return { ...a, value: a.value + b.value, ...(native && { native }) };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

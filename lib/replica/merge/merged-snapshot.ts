import { addNative } from '../../model/add-native.js';
import { COMBINES, commonQuantile, groupBySeries } from '../../model/aggregation.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { FamilySnapshot, Sample } from '../../model/family.js';
import { TYPE_RULES } from '../../model/family-types.js';
import type { SnapshotFamily } from '../../model/live-family.js';
import { joinRegistrations } from '../../model/method-registrations.js';

/**
 * Merges the snapshots of several sources into one family: totals add up, a state is on if any source is in it, and
 * info series are combined.
 */
export function mergedSnapshot(families: readonly SnapshotFamily[]): SnapshotFamily {
  const [first] = families;
  const { name, type, help, unit } = first;
  const merged: SnapshotFamily = {
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
  joinRegistrations(merged, () => families);
  return merged;
}

function merge(snapshots: readonly FamilySnapshot[]): FamilySnapshot {
  const [{ name, type, help, unit }] = snapshots;
  const { lines, merges } = TYPE_RULES[type];
  const samples = snapshots.flatMap((snapshot) => snapshot.samples);
  return { name, type, help, unit, samples: groupBySeries(samples, (sample) => sample.name).flatMap(merged) };

  function merged(group: readonly Sample[]): Sample | readonly [] {
    const [first] = group;
    if (group.length === 1 || merges === 'first') return first;
    if (lines === 'quantiles' && first.labels.quantile !== undefined) return commonQuantile(group) ?? [];
    const value = group.map((sample) => sample.value).reduce(COMBINES[merges]);
    const natives = group.flatMap(({ native }) => native ?? []);
    const starts = group.flatMap(({ created }) => created ?? []);
    const exemplars = group.flatMap(({ exemplar }) => exemplar ?? []);
    return {
      ...first,
      value,
      ...(natives.length > 0 && { native: natives.reduce(addNative) }),
      ...(starts.length > 0 && { created: Math.min(...starts) }),
      ...(exemplars.length > 0 && { exemplar: exemplars.reduce(newer) }),
    };
  }
}

function newer(a: Exemplar, b: Exemplar): Exemplar {
  return (b.timestamp ?? 0) >= (a.timestamp ?? 0) ? b : a;
}

import type { SeriesSelection } from '../../metrics/metric-registry.js';
import { combinationOf } from '../../model/combination.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { FamilySnapshot } from '../../model/family.js';
import { TYPE_RULES } from '../../model/family-types.js';
import { type SnapshotFamily, snapshotSource } from '../../model/live-family.js';
import { type MethodRegistration, registrationsOf } from '../../model/method-registrations.js';
import { covers, FoldedFamily, type FoldedSeries } from './folded-family.js';
import { mergedSnapshot } from './merged-snapshot.js';
import type { MergeSource, SourceFamily } from './source.js';
import { definitionOf, hasNative, type SourceMerger } from './source-merger.js';

interface EndedFamilyData {
  readonly descriptor: FamilyDescriptor;
  readonly series: readonly FoldedSeries[];
  readonly methods: readonly MethodRegistration[];
}

/** The values of ended sources, as plain data that can be posted to another thread. */
export interface EndedData {
  readonly families: readonly EndedFamilyData[];
  readonly snapshots: readonly FamilySnapshot[];
}

/**
 * Combines the values of all ended sources into one source, which takes no more memory than a single one. Gauges that
 * only show live sources are dropped.
 */
export class EndedSources implements MergeSource {
  readonly labels = {};
  readonly isAlive = false;
  readonly startedAt = 0;
  /**
   * Keyed by definition: families with different definitions are not added up. Neither are histograms with exponential buckets
   * and those without, because the buckets would hold only a part of the count.
   */
  private readonly folded = new Map<string, FoldedFamily>();
  private readonly snapshots = new Map<string, SnapshotFamily>();

  constructor(
    /** Names of the labels that distinguish sources. */
    private readonly sourceLabels: readonly string[],
  ) {}

  families(): readonly SourceFamily[] {
    return [...this.folded.values(), ...this.snapshots.values()].map((family) => ({ family, section: 'metrics' }));
  }

  /**
   * Folds in a source's family, without the `forgotten` series, and replaces it on the pages that `mergers` are
   * currently rendering.
   */
  fold(
    { family }: SourceFamily,
    source: MergeSource,
    mergers: readonly SourceMerger[] = [],
    forgotten: readonly SeriesSelection[] = [],
  ): void {
    if (family.kind === 'snapshot') {
      // Non-cumulative snapshots end with their source.
      if (TYPE_RULES[family.type].cumulative) this.foldSnapshot(without(family.snapshot(), forgotten));
      return;
    }
    if (combinationOf(family.descriptor).liveOnly) return;
    const successor = this.totalsOf(family.descriptor);
    const isShown = (values: readonly string[]) =>
      mergers.some((merger) => merger.shows(family.name, successor.labelNames, values));
    successor.fold(family, source.labels, isShown, forgotten);
    for (const merger of mergers) merger.replace(family, { source: this, family: successor });
  }

  /** Removes the selected series. */
  forget(selection: SeriesSelection): void {
    for (const [key, family] of this.folded) if (!family.forget(selection)) this.folded.delete(key);
    for (const [name, family] of this.snapshots) {
      const left = without(family.snapshot(), [selection]);
      if (left.samples.length > 0) this.snapshots.set(name, snapshotSource(left));
      else this.snapshots.delete(name);
    }
  }

  /** Returns everything as plain data, for another thread. */
  data(): EndedData {
    return {
      families: [...this.folded.values()].map((family) => ({
        descriptor: family.descriptor,
        series: family.series(),
        methods: registrationsOf(family),
      })),
      snapshots: [...this.snapshots.values()].map((family) => family.snapshot()),
    };
  }

  /** Adds data from another thread. */
  add({ families, snapshots }: EndedData): void {
    for (const { descriptor, series, methods } of families) {
      const family = this.totalsOf(descriptor);
      family.addMethods(methods);
      for (const one of series) family.add(one);
    }
    for (const snapshot of snapshots) this.foldSnapshot(snapshot);
  }

  private totalsOf(descriptor: FamilyDescriptor): FoldedFamily {
    const key = `${descriptor.name} ${hasNative(descriptor)} ${definitionOf(descriptor)}`;
    const family = this.folded.get(key) ?? new FoldedFamily(descriptor, this.sourceLabels);
    this.folded.set(key, family);
    return family;
  }

  /** Creates a new family, so that a page being rendered keeps the one it has. */
  private foldSnapshot(snapshot: FamilySnapshot): void {
    const known = this.snapshots.get(snapshot.name);
    const families = known === undefined ? [snapshotSource(snapshot)] : [known, snapshotSource(snapshot)];
    this.snapshots.set(snapshot.name, snapshotSource(mergedSnapshot(families).snapshot()));
  }
}

/** A snapshot without some of its series. */
function without(snapshot: FamilySnapshot, selections: readonly SeriesSelection[]): FamilySnapshot {
  if (selections.length === 0) return snapshot;
  const samples = snapshot.samples.filter(({ labels }) => {
    return !selections.some((selection) => covers(selection, snapshot.name, (label) => labels[label]));
  });
  return { ...snapshot, samples };
}

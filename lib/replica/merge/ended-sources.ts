import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { FamilySnapshot } from '../../model/family.js';
import { TYPE_RULES } from '../../model/family-types.js';
import { gathered, type SnapshotFamily } from '../../model/live-family.js';
import { type MethodRegistration, registrationsOf } from '../../model/method-registrations.js';
import { combinationOf } from './combine.js';
import { FoldedFamily, type FoldedSeries } from './folded-family.js';
import { mergedSnapshot } from './merged-snapshot.js';
import type { MergeSource, SourceFamily } from './source.js';
import { definitionOf, type SourceMerger } from './source-merger.js';

interface EndedFamily {
  readonly descriptor: FamilyDescriptor;
  readonly series: readonly FoldedSeries[];
  readonly methods: readonly MethodRegistration[];
}

/** What ended sources have left behind, as plain data that can be posted to another thread. */
export interface EndedData {
  readonly families: readonly EndedFamily[];
  readonly snapshots: readonly FamilySnapshot[];
}

/**
 * What sources that have ended had counted, all together as one source: it takes as much memory as one of them, however
 * many there were. Gauges of the living have no part in it.
 */
export class EndedSources implements MergeSource {
  readonly labels = {};
  readonly isAlive = false;
  readonly startedAt = 0;
  /** By definition: what was defined differently is not added up. */
  private readonly folded = new Map<string, FoldedFamily>();
  private readonly snapshots = new Map<string, SnapshotFamily>();

  constructor(
    /** Names of the labels that sources have. */
    private readonly sourceLabels: readonly string[],
  ) {}

  families(): readonly SourceFamily[] {
    return [...this.folded.values(), ...this.snapshots.values()].map((family) => ({ family, place: 'metrics' }));
  }

  /**
   * Takes over what a family of a source has, and replaces it on the pages that `mergers` are making at the moment.
   */
  fold({ family }: SourceFamily, source: MergeSource, mergers: readonly SourceMerger[] = []): void {
    if (family.kind === 'snapshot') {
      // What others say of themselves ends with them.
      if (TYPE_RULES[family.type].cumulative) this.foldSnapshot(family.snapshot());
      return;
    }
    if (combinationOf(family.descriptor).live) return;
    const heir = this.familyOf(family.descriptor);
    heir.fold(family, source.labels);
    for (const merger of mergers) merger.replace(family, { source: this, family: heir });
  }

  /** Everything, for another thread. */
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

  /** Adds what another thread has given. */
  add({ families, snapshots }: EndedData): void {
    for (const { descriptor, series, methods } of families) {
      const family = this.familyOf(descriptor);
      family.addMethods(methods);
      for (const one of series) family.add(one);
    }
    for (const snapshot of snapshots) this.foldSnapshot(snapshot);
  }

  private familyOf(descriptor: FamilyDescriptor): FoldedFamily {
    const key = `${descriptor.name} ${definitionOf(descriptor)}`;
    const family = this.folded.get(key) ?? new FoldedFamily(descriptor, this.sourceLabels);
    this.folded.set(key, family);
    return family;
  }

  /** Makes a new family, so that a page that is made at the moment keeps the one it has. */
  private foldSnapshot(snapshot: FamilySnapshot): void {
    const known = this.snapshots.get(snapshot.name);
    const families = known === undefined ? [gathered(snapshot)] : [known, gathered(snapshot)];
    this.snapshots.set(snapshot.name, gathered(mergedSnapshot(families).snapshot()));
  }
}

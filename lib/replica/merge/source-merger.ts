import type { PageFamilies } from '../../formats/page-renderer.js';
import type { MergeableFamily } from '../../metrics/mergeable-family.js';
import { combinationOf } from '../../model/combination.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import { TYPE_RULES } from '../../model/family-types.js';
import type { FamilySource, SnapshotFamily } from '../../model/live-family.js';
import { inSlices } from '../../model/turn.js';
import { namesOnPage } from '../../registry/members.js';
import { MergedFamily, type MergedMember, readFamilies } from './merged-family.js';
import { mergedSnapshot } from './merged-snapshot.js';
import type { MergeSource, SourceFamily } from './source.js';

/** Logs and counts the faults of a merger. */
export interface MergeFaults {
  /**
   * Reports a source's family that is excluded because a newer source defines a family of the same name differently, or has
   * the family `rival`, which writes samples of the same name. Repeated reports about the same source, for two pages,
   * count once.
   */
  conflictingSource(family: string, source: string, rival?: string): void;
}

interface OfferedFamily extends SourceFamily {
  readonly source: MergeSource;
}

type Section = SourceFamily['section'];

/** A merged family kept for the next page. */
interface Merged {
  /** Identifies the decisions made when it was created. */
  readonly key: string;
  readonly family: MergedFamily;
}

/** Merges families of several sources by name, and keeps the merged families for the next page. */
export class SourceMerger {
  private readonly merged = new Map<string, Merged>();
  /** The source whose pages are rendered, which is the first one. */
  private own: MergeSource | undefined;
  /** The excluded families, to count each only once. */
  private readonly excluded = new WeakSet<object>();
  /** The names that each family uses on the page. */
  private readonly pageNames = new WeakMap<object, readonly string[]>();

  constructor(
    /** Names of the labels that distinguish sources. */
    private readonly labels: readonly string[],
    private readonly faults: MergeFaults,
  ) {}

  /**
   * Returns the families of a page, with their values: those of the first source in its order, then those that only
   * others have.
   *
   * @param selects Whether the page shows a family. Others are neither read nor changed.
   */
  async merge(sources: readonly MergeSource[], selects: (family: FamilySource) => boolean): Promise<PageFamilies> {
    this.own = sources[0];
    const byName = new Map<string, OfferedFamily[]>();
    for (const source of sources) {
      for (const { family, section } of source.families()) {
        const entries = byName.get(family.name);
        const entry: OfferedFamily = { source, family, section };
        if (entries === undefined) byName.set(family.name, [entry]);
        else entries.push(entry);
      }
    }
    for (const name of this.merged.keys()) if (!byName.has(name)) this.merged.delete(name);
    const page: Record<Section, FamilySource[]> = { metrics: [], collected: [], trailing: [] };
    for (const entries of this.withoutCollisions([...byName.values()].map((all) => this.admitted(all)))) {
      const [{ family: first, section }] = entries;
      const family = selects(first) ? this.combine(first.name, entries) : undefined;
      if (family !== undefined) page[section].push(family);
    }
    const merged = [...page.metrics, ...page.collected, ...page.trailing];
    await inSlices(readFamilies(merged.filter((family) => family instanceof MergedFamily)));
    return page;
  }

  /**
   * Replaces a family that has ended with the one that took over its values. Pages being rendered count it once, before
   * and after.
   */
  replace(ended: MergeableFamily, successor: MergedMember): void {
    this.merged.get(ended.name)?.family.replace(ended, successor);
  }

  /**
   * Whether the last page showed a series itself, not as a part of the overflow series. `values` are in the order of
   * `labels`.
   */
  shows(name: string, labels: readonly string[], values: readonly string[]): boolean {
    return this.merged.get(name)?.family.shows(labels, values) ?? false;
  }

  /** The entries with the same definition as the newest live source. */
  private admitted(entries: readonly OfferedFamily[]): readonly OfferedFamily[] {
    if (entries.length === 1) return entries;
    const definitions = entries.map(({ family }) => keyOf(family));
    const valid = definitions[newestOf(entries)];
    return entries.filter((entry, i) => {
      if (definitions[i] === valid) return true;
      this.exclude(entry);
      return false;
    });
  }

  /**
   * Returns the families without collisions, in the given order: of two that would write samples of the same name, the
   * one of the newest live source is kept.
   */
  private withoutCollisions(families: readonly (readonly OfferedFamily[])[]): readonly (readonly OfferedFamily[])[] {
    const owners = new Map<string, string>();
    const excluded = new Set<readonly OfferedFamily[]>();
    for (const entries of [...families].sort(byAge)) {
      const names = this.namesOf(entries[0].family);
      const rival = names.map((name) => owners.get(name)).find((owner) => owner !== undefined);
      if (rival === undefined) for (const name of names) owners.set(name, entries[0].family.name);
      else {
        excluded.add(entries);
        for (const entry of entries) this.exclude(entry, rival);
      }
    }
    return excluded.size === 0 ? families : families.filter((entries) => !excluded.has(entries));
  }

  private namesOf(family: SourceFamily['family']): readonly string[] {
    const known = this.pageNames.get(family);
    if (known !== undefined) return known;
    const names = namesOnPage(family);
    this.pageNames.set(family, names);
    return names;
  }

  private exclude({ source, family }: OfferedFamily, rival?: string): void {
    if (!this.excluded.has(family)) this.faults.conflictingSource(family.name, nameOf(source), rival);
    this.excluded.add(family);
  }

  private combine(name: string, entries: readonly OfferedFamily[]): FamilySource | undefined {
    const snapshots = entries.map(({ family }) => family).filter((family) => family.kind === 'snapshot');
    if (snapshots.length > 0) {
      // Non-cumulative snapshots end with their source.
      const living = entries.filter(({ source, family }) => source.isAlive || TYPE_RULES[family.type].cumulative);
      const [first, ...others] = living.map(({ family }) => family as SnapshotFamily);
      return first === undefined || others.length === 0 ? first : mergedSnapshot([first, ...others]);
    }
    const all = entries.map(({ source, family }): MergedMember => ({ source, family: family as MergeableFamily }));
    // Help, mode and limits are those of the newest source.
    const newest = all[newestOf(all)].family.descriptor;
    const members = all.filter(({ source }) => source.isAlive || !combinationOf(newest).liveOnly);
    if (members.length === 0) {
      this.merged.delete(name);
      return undefined;
    }
    const [{ source, family: first }] = members;
    // The order of labels is that of the first source, which does not change.
    const definition = { ...newest, labelNames: first.descriptor.labelNames };
    const isOwn = Object.keys(source.labels).length === 0 && source.isAlive;
    // A family that only this thread has is shown unmerged.
    if (members.length === 1 && isOwn && !this.merged.has(name)) return first;
    if (combinationOf(definition).by === 'omit') {
      return members.length === 1 && source === this.own ? first : undefined;
    }
    // An ended source without series does not count, because it has no buckets to merge.
    const withNative = members.every(({ source, family }) => {
      return hasNative(family.descriptor) || (!source.isAlive && family.rowCount === 0);
    });
    const key = `${keyOf(first)} ${definition.labelNames} ${definition.aggregate} ${withNative}`;
    let merged = this.merged.get(name);
    if (merged?.key !== key) {
      merged = { key, family: new MergedFamily(definition, this.labels, withNative) };
      this.merged.set(name, merged);
    }
    merged.family.setMembers(members);
    return merged.family;
  }
}

/**
 * Returns the index of the newest live source, or of the newest one if none is alive. The first of equally new ones
 * counts.
 */
function newestOf(entries: readonly { readonly source: MergeSource }[]): number {
  let newest = 0;
  for (const [i, { source }] of entries.entries()) if (isNewer(source, entries[newest].source)) newest = i;
  return newest;
}

function isNewer(source: MergeSource, other: MergeSource): boolean {
  return source.isAlive === other.isAlive ? source.startedAt > other.startedAt : source.isAlive;
}

/** Orders families by their newest source, the newest first. */
function byAge(a: readonly OfferedFamily[], b: readonly OfferedFamily[]): number {
  const [first, second] = [a[newestOf(a)].source, b[newestOf(b)].source];
  if (isNewer(first, second)) return -1;
  return isNewer(second, first) ? 1 : 0;
}

function nameOf({ labels, startedAt }: MergeSource): string {
  return `${Object.values(labels).join(' ')} ${startedAt}`;
}

function keyOf(family: MergeableFamily | SnapshotFamily): string {
  return family.kind === 'snapshot' ? `snapshot ${family.type}` : definitionOf(family.descriptor);
}

/** The parts of a definition that two sources must share for their families to be merged. */
export function definitionOf({ type, labelNames, shape, layout }: FamilyDescriptor): string {
  return JSON.stringify([type, [...labelNames].sort(), shape, layout.kind]);
}

/** Whether a family has exponential buckets. */
export function hasNative({ layout }: FamilyDescriptor): boolean {
  return layout.kind === 'buckets' && layout.native !== undefined;
}

import { NativeLayout } from '../../metrics/layout/native.js';
import { type BucketLayout, QuantileLayout, rowLayout, type ScalarLayout } from '../../metrics/layout/rows.js';
import { DescribedFamily, type MergeableFamily } from '../../metrics/mergeable-family.js';
import { COMBINES, type Combine } from '../../model/aggregation.js';
import {
  type Combination,
  combinationOf,
  isLater,
  mergedLabelNames,
  type SetTime,
  sourceLabelsOn,
} from '../../model/combination.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { GroupReading, LiveFamily } from '../../model/live-family.js';
import { joinRegistrations } from '../../model/method-registrations.js';
import { NativeReading } from '../../model/native-histogram.js';
import { FamilyPart } from './family-part.js';
import { MergedRows } from './merged-rows.js';
import type { MergeSource } from './source.js';

/** A source's family with the definition of the merged one. */
export interface MergedMember {
  readonly source: MergeSource;
  readonly family: MergeableFamily;
}

/** Maximum number of exemplars of a native histogram: as many as a series of a single source. */
const MAX_EXEMPLARS = 10;

/**
 * Groups are smaller than those of the sources, because reading one adds up as many groups as there are sources, and
 * for the first page looks up the label values of all of its rows.
 */
const PARTS_OF_GROUP = 4;

/** For each row of the group that is being read, the index of its values, or -1. */
let offsets = new Int32Array(0);

/**
 * A family merged from those of several sources: it has every series that any of them has, with the combined values.
 * `readFamilies` reads the sources; until it is called again, the family shows the values of that moment. Each source
 * row points to a merged row, so only new label values are looked up.
 */
export class MergedFamily extends DescribedFamily implements LiveFamily {
  private readonly rows: MergedRows;
  private readonly combination: Combination;
  private readonly layout: ScalarLayout | BucketLayout | QuantileLayout;
  private readonly natives: NativeLayout | undefined;
  private parts: readonly FamilyPart[] = [];
  /**
   * Whether exponential buckets are read: once a page needs them, they are always read together with a source's values.
   */
  private withNative = false;
  private readonly readNative = (row: number, into = new NativeReading()): NativeReading => {
    this.mergeNatives(row, into);
    return into;
  };

  /**
   * @param definition The definition that all sources share, except for help, unit, and the order of labels.
   * @param sourceLabels Names of the labels that distinguish sources, for gauges that show each source separately.
   * @param withNative Whether all sources have exponential buckets.
   */
  constructor(definition: FamilyDescriptor, sourceLabels: readonly string[], withNative: boolean) {
    const groupRows = Math.max(1, Math.floor(definition.groupRows / PARTS_OF_GROUP));
    super({ ...definition, groupRows }, mergedLabelNames(definition, sourceLabels));
    const { layout, maxSeries = 0 } = definition;
    this.combination = combinationOf(definition);
    this.rows = new MergedRows(this.labelNames.length, groupRows, maxSeries);
    this.layout = rowLayout(definition);
    if (withNative && layout.kind === 'buckets' && layout.native !== undefined) {
      this.natives = new NativeLayout(layout.native);
    }
    joinRegistrations(this, () => this.parts.map(({ family }) => family));
  }

  get rowCount(): number {
    return this.rows.rowCount;
  }

  get revision(): number {
    return this.rows.revision;
  }

  /** Sets the sources, reusing those already known. Earlier sources take precedence where order matters. */
  setMembers(members: readonly MergedMember[]): void {
    const known = new Map(this.parts.map((part) => [part.family, part]));
    const parts = members.map((member) => {
      const part = known.get(member.family);
      known.delete(member.family);
      return part ?? this.partOf(member);
    });
    for (const part of known.values()) part.end();
    this.parts = parts;
  }

  /** Atomically replaces a source's family with another one that has taken over its values. */
  replace(ended: MergeableFamily, successor: MergedMember): void {
    const part = this.parts.find(({ family }) => family === ended);
    if (part === undefined) return;
    const others = this.parts.filter((other) => other !== part);
    const known = others.find(({ family }) => family === successor.family);
    const next = known ?? this.partOf(successor);
    // Before the old one is removed, so that no series leaves the page in between.
    next.take(this.withNative);
    part.end();
    this.parts = known === undefined ? [...others, next] : others;
  }

  /** Whether a series has a row, other than that of the overflow series. `values` are in the order of `labels`. */
  shows(labels: readonly string[], values: readonly string[]): boolean {
    return this.rows.has(this.labelNames.map((label) => values[labels.indexOf(label)] ?? ''));
  }

  *prepare(withNative: boolean): Generator<void> {
    if (!withNative || this.withNative || this.natives === undefined) return;
    this.withNative = true;
    yield* readFamilies([this]);
  }

  /** Finds the series of the sources, in steps. */
  *find(): Generator<void> {
    for (const part of this.parts) yield* part.find(this.withNative);
  }

  /** Reads a source's values of the family. */
  take(source: MergeSource): void {
    for (const part of this.parts) if (part.source === source) part.take(this.withNative);
  }

  /** The sources that have the family. */
  get sources(): readonly MergeSource[] {
    return this.parts.map(({ source }) => source);
  }

  groupVersion(group: number): number {
    return this.rows.groupVersion(group);
  }

  readGroup(group: number, into: GroupReading): void {
    const { rows, groupRows, shape } = this;
    const from = group * groupRows;
    const to = Math.min(from + groupRows, rows.rowCount);
    into.begin(from, to, shape.length);
    into.version = rows.groupVersion(group);
    into.readNative = into.withNative && this.natives !== undefined ? this.readNative : undefined;
    if (offsets.length < groupRows) offsets = new Int32Array(groupRows);
    for (let row = from; row < to; row++) {
      offsets[row - from] = rows.isLive(row) ? into.length : -1;
      if (rows.isLive(row)) into.length += shape.length;
    }
    into.values.fill(0, 0, into.length);
    if (this.layout instanceof QuantileLayout) this.mergeWindows(this.layout, into);
    else if (this.combination.by === 'sum') this.addParts(this.layout, into);
    else this.combineParts(into);
  }

  labelValues(row: number): readonly string[] | undefined {
    return this.rows.valuesOf(row);
  }

  /** A series starts when it starts in the first of its sources. */
  createdAt(row: number): number {
    let first = Infinity;
    this.forEachPart(row, (part, sourceRow) => {
      first = Math.min(first, part.startOf(sourceRow));
    });
    return first === Infinity ? 0 : first;
  }

  /** The newest exemplar of all sources. */
  exemplar(row: number, line: number): Exemplar | undefined {
    let newest: Exemplar | undefined;
    this.forEachPart(row, (part, sourceRow) => {
      const exemplar = part.exemplarOf(sourceRow, line);
      if (exemplar === undefined || (newest?.timestamp ?? 0) > (exemplar.timestamp ?? 0)) return;
      newest = exemplar;
    });
    return newest;
  }

  private partOf({ source, family }: MergedMember): FamilyPart {
    const { labelNames, combination } = this;
    const positions = labelNames.map((label) => family.labelNames.indexOf(label));
    const labels = sourceLabelsOn(source.labels, family.descriptor.labelNames);
    const own = labelNames.map((label) => labels[label] ?? '');
    return new FamilyPart(source, family, this.rows, { positions, own }, combination.by === 'mostrecent');
  }

  /** Calls `callback` for each source row that contributes to a row. */
  private forEachPart(row: number, callback: (part: FamilyPart, sourceRow: number) => void): void {
    for (const part of this.parts) {
      const sourceRow = part.sourceRows[row] ?? -1;
      if (sourceRow >= 0) callback(part, sourceRow);
      if (this.rows.isOverflow(row)) for (const more of part.overflowing) callback(part, more);
    }
  }

  private addParts(layout: ScalarLayout | BucketLayout, { from, to, values }: GroupReading): void {
    const lines = this.shape.length;
    for (const { sourceRows, values: added, overflowing } of this.parts) {
      const end = Math.min(to, sourceRows.length);
      for (let row = from; row < end; row++) {
        const sourceRow = sourceRows[row];
        if (sourceRow >= 0) layout.merge(values, offsets[row - from], added, sourceRow * lines);
      }
      for (const sourceRow of overflowing) {
        const row = this.rows.overflowRowIn(from, to);
        if (row >= 0) layout.merge(values, offsets[row - from], added, sourceRow * lines);
      }
    }
  }

  private combineParts({ from, to, values }: GroupReading): void {
    for (let row = from; row < to; row++) {
      if (offsets[row - from] >= 0) this.combineRow(row, values, offsets[row - from]);
    }
  }

  private combineRow(row: number, into: Float64Array, at: number): void {
    const { by } = this.combination;
    const lines = this.shape.length;
    const layout = this.layout as ScalarLayout;
    let seen = 0;
    let newest: SetTime | undefined;
    this.forEachPart(row, (part, sourceRow) => {
      if (part.isUnset(sourceRow)) return;
      seen += 1;
      let combine = seen === 1 ? replace : COMBINES[by];
      if (by === 'mostrecent') {
        const time = part.setTimeOf(sourceRow);
        if (newest === undefined || isLater(time, newest)) {
          combine = replace;
          newest = time;
        }
      }
      layout.merge(into, at, part.values, sourceRow * lines, combine);
    });
    if (by === 'average' && seen > 1) into[at] /= seen;
    if (seen === 0) layout.blank(into, at);
  }

  private mergeWindows(layout: QuantileLayout, { from, to, values }: GroupReading): void {
    const lines = this.shape.length;
    for (let row = from; row < to; row++) {
      if (offsets[row - from] < 0) continue;
      const sources: Parameters<QuantileLayout['merge']>[2][number][] = [];
      this.forEachPart(row, (part, sourceRow) => {
        sources.push({ sketches: part.sketchesOf(sourceRow), values: part.values, at: sourceRow * lines });
      });
      layout.merge(values, offsets[row - from], sources);
    }
  }

  private mergeNatives(row: number, into: NativeReading): void {
    const { natives } = this;
    if (natives === undefined) return;
    natives.blank(into);
    let first = true;
    this.forEachPart(row, (part, sourceRow) => {
      const native = part.nativeOf(sourceRow);
      if (native === undefined) return;
      if (first) into.copy(native);
      else natives.merge(into, native);
      first = false;
    });
    if (into.exemplars.length > MAX_EXEMPLARS) into.exemplars = newestOf(into.exemplars);
  }
}

/**
 * Reads families from their sources. The series are found in steps; then each source is read without a pause, so that
 * its values are of one moment across families.
 */
export function* readFamilies(families: readonly MergedFamily[]): Generator<void> {
  for (const family of families) yield* family.find();
  const sources = new Set(families.flatMap((family) => family.sources));
  for (const source of sources) {
    for (const family of families) family.take(source);
    yield;
  }
}

const replace: Combine = (_, b) => b;

function newestOf(exemplars: readonly Exemplar[]): Exemplar[] {
  const byTime = [...exemplars].sort((a, b) => (b.timestamp ?? 0) - (a.timestamp ?? 0));
  return byTime.slice(0, MAX_EXEMPLARS).sort((a, b) => a.value - b.value);
}

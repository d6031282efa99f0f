import { ExemplarStore } from '../../metrics/exemplars.js';
import type { MergeableFamily } from '../../metrics/mergeable-family.js';
import type { Sketch } from '../../metrics/sketch/sketch.js';
import type { SetTime } from '../../model/combination.js';
import { TYPE_RULES } from '../../model/family-types.js';
import { GroupReading } from '../../model/live-family.js';
import { NativeReading } from '../../model/native-histogram.js';
import type { MergedRows } from './merged-rows.js';
import type { MergeSource } from './source.js';

/** Maximum number of times that groups which have changed meanwhile are read again. Each round has fewer of them. */
const MAX_ROUNDS = 1000;

/** Number of rows whose label values are looked up before yielding: a few milliseconds until the code is compiled. */
const ROWS_AT_ONCE = 128;

/** A source row that is not part of any merged row. */
const NONE = -1;

// Scratch memory, shared by all parts: reading a group is synchronous.
const plainReading = new GroupReading();
const nativeReading = new GroupReading(true);

/** Maps the label values of a source's series to those of the merged family. */
export interface LabelMapping {
  /** For each label of the merged family, its position in the source's family; -1 for a label of the source itself. */
  readonly positions: readonly number[];
  /** The values of the source's own labels, in the same order. */
  readonly own: readonly string[];
}

/** The family of one source within a merged family, as last read. */
export class FamilyPart {
  /** The values of its rows, line by line; -0 if never set. */
  values = new Float64Array(0);
  /** When each row was last set, in milliseconds since the epoch, for gauges that merge by the most recent value. */
  private times = new Float64Array(0);
  /** The same by the clock that all processes of the machine share. */
  private ticks = new Float64Array(0);
  /** For each merged row, the source row that contributes to it; -1 or undefined if none does. */
  readonly sourceRows: number[] = [];
  /** The source rows that contribute to the overflow series. */
  readonly overflowing = new Set<number>();
  /** For each source row, its merged row. */
  private readonly mergedRows: number[] = [];
  private readonly starts: number[] = [];
  private readonly versions: number[] = [];
  private readonly natives: NativeReading[] = [];
  private readonly exemplars = new ExemplarStore();
  private readonly lines: number;
  private hasEnded = false;
  private readonly valuesAreSet: boolean;
  /** Whether the source's family has the labels of the merged one, in the same order. */
  private readonly isSameOrder: boolean;

  constructor(
    readonly source: MergeSource,
    readonly family: MergeableFamily,
    private readonly rows: MergedRows,
    private readonly mapping: LabelMapping,
    private readonly isTimed: boolean,
  ) {
    this.lines = family.shape.length;
    this.isSameOrder = mapping.positions.every((position, i) => position === i);
    this.valuesAreSet = TYPE_RULES[family.type].valuesAreSet;
  }

  /** Finds the source's series, in steps. */
  *find(withNative: boolean): Generator<void> {
    const { family } = this;
    if (this.hasEnded) return;
    family.sync?.();
    for (let group = 0; group * family.groupRows < family.rowCount; group++) {
      if (this.versions[group] === family.groupVersion(group)) continue;
      yield* this.followGroup(group, withNative);
      // Another page may have removed the source in the meantime.
      if (this.hasEnded) return;
    }
  }

  /**
   * Reads all values at once, so that they reflect one moment. Groups in which a series was removed or restarted
   * meanwhile are read again.
   */
  take(withNative: boolean): void {
    const { family } = this;
    if (this.hasEnded) return;
    family.sync?.();
    this.makeRoom(family.rowCount);
    let { revision } = family;
    for (let group = 0; group * family.groupRows < family.rowCount; group++) this.readGroup(group, withNative);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      family.sync?.();
      if (family.revision === revision) break;
      revision = family.revision;
      for (let group = 0; group * family.groupRows < family.rowCount; group++) {
        if (this.versions[group] !== family.groupVersion(group)) this.readGroup(group, withNative);
      }
    }
    for (let row = family.rowCount; row < this.mergedRows.length; row++) this.unlink(row);
  }

  /** Removes the source from the merged family permanently. */
  end(): void {
    this.hasEnded = true;
    for (let row = 0; row < this.mergedRows.length; row++) this.unlink(row);
  }

  /** When a series of the source started. */
  startOf(sourceRow: number): number {
    return this.starts[sourceRow];
  }

  exemplarOf(sourceRow: number, line: number) {
    return this.exemplars.get(sourceRow, line);
  }

  nativeOf(sourceRow: number): NativeReading | undefined {
    return this.natives[sourceRow];
  }

  sketchesOf(sourceRow: number): readonly Sketch[] {
    return this.family.windowOf(sourceRow).map(({ sketch }) => sketch);
  }

  /** When a row was last set, for gauges that merge by the most recent value. */
  setTimeOf(sourceRow: number): SetTime {
    return { at: this.times[sourceRow], tick: this.ticks[sourceRow] };
  }

  /** Whether a row was never set. */
  isUnset(sourceRow: number): boolean {
    return this.valuesAreSet && Object.is(this.values[sourceRow * this.lines], -0);
  }

  /**
   * Finds the merged rows of a changed group, some rows at a time. Their values are read along with them, because
   * another page may be rendered from the merged rows in between. Later changes are left for the next read.
   */
  private *followGroup(group: number, withNative: boolean): Generator<void> {
    const { family } = this;
    const version = family.groupVersion(group);
    let row = group * family.groupRows;
    for (let at = 0; ; ) {
      const reading = this.readingOf(group, withNative);
      if (reading.version !== version) return;
      const to = Math.min(row + ROWS_AT_ONCE, reading.to);
      for (let next = row; next < to; next++) this.follow(next);
      at = this.copyValues(reading, row, to, at);
      this.readMore(reading, row, to);
      row = to;
      if (row === reading.to) break;
      yield;
      if (this.hasEnded) return;
    }
    this.versions[group] = version;
    yield;
  }

  private readGroup(group: number, withNative: boolean): void {
    const reading = this.readingOf(group, withNative);
    const { from, to, values, length, version } = reading;
    if (this.versions[group] !== version) {
      for (let row = from; row < to; row++) this.follow(row);
      this.versions[group] = version;
    }
    if (length === (to - from) * this.lines) this.values.set(values.subarray(0, length), from * this.lines);
    else this.copyValues(reading, from, to, 0);
    this.readMore(reading, from, to);
  }

  private readingOf(group: number, withNative: boolean): GroupReading {
    const reading = withNative ? nativeReading : plainReading;
    this.family.readGroup(group, reading);
    this.makeRoom(this.family.rowCount);
    return reading;
  }

  /**
   * Copies the values of some rows, skipping those without a series. Their values start at `at` in the reading; returns
   * where those of the following rows start.
   */
  private copyValues({ values }: GroupReading, from: number, to: number, at: number): number {
    const { lines } = this;
    for (let row = from; row < to; row++) {
      if (this.mergedRows[row] === NONE) continue;
      for (let i = 0; i < lines; i++) this.values[row * lines + i] = values[at + i];
      at += lines;
    }
    return at;
  }

  /** Reads everything about rows except their values. */
  private readMore({ readNative }: GroupReading, from: number, to: number): void {
    if (!this.valuesAreSet && readNative === undefined) return;
    for (let row = from; row < to; row++) {
      if (this.mergedRows[row] === NONE) continue;
      if (this.valuesAreSet) this.readSetting(row);
      else if (readNative !== undefined) {
        this.natives[row] ??= new NativeReading();
        readNative(row, this.natives[row]);
      }
    }
  }

  private readSetting(row: number): void {
    const { family, lines } = this;
    if (this.isTimed) {
      this.times[row] = family.lastSetAt(row);
      this.ticks[row] = family.lastSetTick?.(row) ?? 0;
    }
    const at = row * lines;
    if ((this.values[at] === 0 || family.type === 'stateset') && !family.isSet(row)) {
      this.values.fill(-0, at, at + lines);
    }
  }

  /** Records which series a row of a changed group holds. */
  private follow(row: number): void {
    const { family, rows } = this;
    const labelValues = family.labelValues(row);
    if (labelValues === undefined) {
      this.unlink(row);
      return;
    }
    const { positions, own } = this.mapping;
    const values = this.isSameOrder
      ? labelValues
      : positions.map((position, i) => (position < 0 ? own[i] : labelValues[position]));
    const createdAt = family.createdAt(row);
    const merged = this.mergedRows[row] ?? NONE;
    if (merged === NONE || !rows.isOf(merged, values)) {
      this.unlink(row);
      this.link(row, rows.link(values));
    } else if (this.starts[row] === createdAt) rows.touch(merged);
    else rows.restart(merged);
    this.starts[row] = createdAt;
    this.exemplars.drop(row);
    for (let line = 0; line < this.lines; line++) {
      const exemplar = family.exemplar(row, line);
      if (exemplar !== undefined) this.exemplars.put(row, line, exemplar);
    }
  }

  private link(row: number, merged: number): void {
    this.mergedRows[row] = merged;
    if (this.rows.isOverflow(merged)) {
      this.overflowing.add(row);
      return;
    }
    while (this.sourceRows.length <= merged) this.sourceRows.push(NONE);
    this.sourceRows[merged] = row;
  }

  private unlink(row: number): void {
    const merged = this.mergedRows[row] ?? NONE;
    while (this.mergedRows.length <= row) this.mergedRows.push(NONE);
    this.mergedRows[row] = NONE;
    if (merged === NONE) return;
    if (!this.overflowing.delete(row) && this.sourceRows[merged] === row) this.sourceRows[merged] = NONE;
    this.rows.unlink(merged);
  }

  /** Makes room for the values of all rows below `rows`. */
  private makeRoom(rows: number): void {
    const cells = rows * this.lines;
    if (cells > this.values.length) this.values = enlarged(this.values, cells);
    if (!this.isTimed || rows <= this.times.length) return;
    this.times = enlarged(this.times, rows);
    this.ticks = enlarged(this.ticks, rows);
  }
}

function enlarged(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(length, Math.ceil(array.length * 1.5)));
  larger.set(array);
  return larger;
}

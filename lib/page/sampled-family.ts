import type { FamilySource, GroupReading, LiveFamily } from '../model/live-family.js';
import { manifestOf } from '../model/manifest.js';
import { type BucketList, NativeReading } from '../model/native-histogram.js';
import { readGroups } from '../model/read-series.js';
import type { LiveChange, LiveFamilyHead, LiveNative, LiveSeries, WireNumber } from './live-data.js';
import { snapshotRows } from './snapshot-rows.js';

/** Rows or items per slice of long work. */
const STEP = 1000;

/** A series in a row. */
interface SampledRow {
  readonly labelValues: readonly string[];
  /** The sample in which the series was first seen. */
  readonly since: number;
}

/** A family's values at the last sample, and the sample in which each last changed. */
export class SampledFamily {
  private headText = '';
  private headSeq = 0;
  private readonly rows: (SampledRow | undefined)[] = [];
  private readonly removedAt = new Map<number, number>();
  private values = new Float64Array(0);
  private previous = new Float64Array(0);
  private changedAt = new Uint32Array(0);
  private readonly natives = new Map<number, { readonly native: LiveNative; readonly seq: number }>();
  /** The live family sampled last, and the versions of its groups. */
  private source: LiveFamily | undefined;
  private readonly versions: number[] = [];
  private lineCount = 0;

  constructor(
    readonly id: number,
    private readonly reading: GroupReading,
  ) {}

  /** Samples the family, in slices. */
  *sample(source: FamilySource, prefix: string, seq: number): Generator<void> {
    if (source.kind === 'live') yield* this.sampleLive(source, prefix, seq);
    else this.sampleSnapshot(source, prefix, seq);
  }

  /**
   * Writes the changes since a sample, in slices, as the JSON of a LiveChange; nothing if there are none. Since -1, writes
   * everything.
   */
  *writeSince(since: number, seq: number, into: string[]): Generator<void> {
    const isOld = this.headSeq <= since;
    const [series, removedRows, increases, values, native] = LISTS.map((name) => new JsonList(name));
    const { lineCount, rows, changedAt, previous } = this;
    const followed = since === seq - 1;
    let [lastIncrease, lastValue] = [-1, -1];
    for (let row = 0; row < rows.length; row++) {
      if (row % STEP === STEP - 1) yield;
      const entry = rows[row];
      if (entry === undefined) continue;
      if (entry.since > since) series.add([row, entry.labelValues] satisfies LiveSeries);
      for (let i = row * lineCount; i < (row + 1) * lineCount; i++) {
        if (changedAt[i] <= since) continue;
        const value = this.values[i];
        const difference = value - previous[i];
        // Differences of integers are exact, and short.
        if (followed && entry.since <= since && Number.isSafeInteger(value) && Number.isSafeInteger(difference)) {
          increases.add(i - lastIncrease, difference);
          lastIncrease = i;
        } else {
          values.add(i - lastValue, wireNumber(value));
          lastValue = i;
        }
      }
    }
    if (since >= 0) for (const [row, at] of this.removedAt) if (at > since) removedRows.add(row);
    for (const entry of this.natives.values()) if (entry.seq > since) native.add(entry.native);
    const lists = series.end() + removedRows.end() + increases.end() + values.end() + native.end();
    if (isOld && lists === '') return;
    into.push(`{"family":${this.id}${isOld ? '' : `,"head":${this.headText}`}${lists}}`);
  }

  private *sampleLive(family: LiveFamily, prefix: string, seq: number): Generator<void> {
    for (const _ of family.prepare?.(this.reading.withNative) ?? []) yield;
    const lines = family.shape.map(({ suffix, label }) => [suffix, label?.[0] ?? '', label?.[1] ?? ''] as const);
    this.describe(family, prefix, lines, seq);
    this.previous.set(this.values);
    const { reading, lineCount } = this;
    // Versions are only comparable within one family.
    if (family !== this.source) this.versions.length = 0;
    this.source = family;
    for (const group of readGroups(family, reading, {})) {
      this.reserve(reading.to);
      const isNew = this.versions[group] !== reading.version;
      this.versions[group] = reading.version;
      let at = 0;
      for (let row = reading.from; row < reading.to; row++) {
        // Rows only gain or lose a series when the version changes.
        if (isNew) this.setRow(row, family.labelValues(row), seq);
        if (this.rows[row] === undefined) continue;
        for (let line = 0; line < lineCount; line++)
          this.setValue(row * lineCount + line, reading.values[at + line], seq);
        at += lineCount;
        if (reading.readNative !== undefined) this.readNative(row, reading.readNative, seq);
      }
      yield;
    }
    for (let row = family.rowCount; row < this.rows.length; row++) this.setRow(row, undefined, seq);
  }

  private sampleSnapshot(source: Exclude<FamilySource, LiveFamily>, prefix: string, seq: number): void {
    const { lines, labels, series } = snapshotRows(source.snapshot());
    this.describe(source, prefix, lines, seq, labels);
    const known = new Map(
      this.rows.flatMap((row, i) => (row === undefined ? [] : [[JSON.stringify(row.labelValues), i] as const])),
    );
    const free = this.rows.flatMap((row, i) => (row === undefined ? [i] : []));
    let end = this.rows.length;
    const rows = series.map(({ labelValues }) => known.get(JSON.stringify(labelValues)) ?? free.shift() ?? end++);
    this.reserve(end);
    this.previous.set(this.values);
    series.forEach(({ labelValues, values }, i) => {
      const row = rows[i];
      this.setRow(row, labelValues, seq);
      for (let line = 0; line < this.lineCount; line++) this.setValue(row * this.lineCount + line, values[line], seq);
    });
    const seen = new Set(rows);
    for (let row = 0; row < end; row++) if (!seen.has(row)) this.setRow(row, undefined, seq);
  }

  private describe(
    source: FamilySource,
    prefix: string,
    lines: LiveFamilyHead['lines'],
    seq: number,
    labels?: readonly string[],
  ): void {
    const [manifest] = manifestOf([source], prefix);
    const { name, type, help, unit, methods, objectives } = manifest;
    const head: LiveFamilyHead = {
      name,
      type,
      help,
      unit,
      labels: labels ?? manifest.labels,
      lines,
      methods,
      objectives,
    };
    const text = JSON.stringify(head);
    if (text === this.headText) return;
    this.headText = text;
    this.headSeq = seq;
    if (lines.length === this.lineCount) return;
    // With other lines, everything starts over.
    this.lineCount = lines.length;
    this.values = new Float64Array(0);
    this.previous = new Float64Array(0);
    this.changedAt = new Uint32Array(0);
    this.rows.length = 0;
    this.versions.length = 0;
  }

  private reserve(rows: number): void {
    const needed = rows * this.lineCount;
    if (needed <= this.values.length) return;
    const size = Math.max(needed, this.values.length * 2);
    const [values, previous, changedAt] = [new Float64Array(size), new Float64Array(size), new Uint32Array(size)];
    values.set(this.values);
    previous.set(this.previous);
    changedAt.set(this.changedAt);
    this.values = values;
    this.previous = previous;
    this.changedAt = changedAt;
  }

  /** Records which series a row holds. */
  private setRow(row: number, labelValues: readonly string[] | undefined, seq: number): void {
    const was = this.rows[row];
    if (was === undefined && labelValues === undefined) return;
    if (was !== undefined && labelValues !== undefined && isSame(was.labelValues, labelValues)) return;
    if (labelValues === undefined) {
      this.rows[row] = undefined;
      this.removedAt.set(row, seq);
      this.natives.delete(row);
      return;
    }
    this.rows[row] = { labelValues: [...labelValues], since: seq };
    this.removedAt.delete(row);
    for (let i = row * this.lineCount; i < (row + 1) * this.lineCount; i++) this.changedAt[i] = seq;
  }

  private setValue(i: number, value: number, seq: number): void {
    if (Object.is(this.values[i], value)) return;
    this.values[i] = value;
    this.changedAt[i] = seq;
  }

  private readNative(row: number, read: (row: number, into: NativeReading) => void, seq: number): void {
    const last = (row + 1) * this.lineCount - 1;
    // The last line is the count: if nothing was observed, nothing has changed.
    if (this.changedAt[last] !== seq && this.natives.has(row)) return;
    read(row, NATIVE);
    const { schema, zeroCount, zeroThreshold, positive, negative } = NATIVE;
    const native = { row, schema, zeroCount, zeroThreshold, positive: pairs(positive), negative: pairs(negative) };
    this.natives.set(row, { native, seq });
  }
}

/** Scratch memory, shared by all series. */
const NATIVE = new NativeReading();

function pairs({ length, indexes, counts }: BucketList): number[] {
  return Array.from({ length: length * 2 }, (_, i) => (i % 2 === 0 ? indexes[i / 2] : counts[(i - 1) / 2]));
}

/** The lists of a LiveChange, in the order in which they are sent. */
const LISTS = [
  'series',
  'removedRows',
  'increases',
  'values',
  'native',
] as const satisfies readonly (keyof LiveChange)[];

/** A list in JSON, written in pieces: growing an array of a million items would block the event loop for long. */
class JsonList {
  private readonly pieces: string[] = [];
  private items: unknown[] = [];

  constructor(private readonly name: string) {}

  add(...items: readonly unknown[]): void {
    this.items.push(...items);
    if (this.items.length >= STEP) this.flush();
  }

  /** The property of an object, with a comma before it; nothing for an empty list. */
  end(): string {
    this.flush();
    return this.pieces.length === 0 ? '' : `,"${this.name}":[${this.pieces.join(',')}]`;
  }

  private flush(): void {
    if (this.items.length === 0) return;
    this.pieces.push(JSON.stringify(this.items).slice(1, -1));
    this.items = [];
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function wireNumber(value: number): WireNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : value > 0 ? 'Infinity' : '-Infinity';
}

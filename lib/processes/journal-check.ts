import type { FamilyDescriptor } from '../model/descriptor.js';
import { FAMILY_TYPES } from '../model/family-types.js';
import { Kind } from '../replica/journal-format.js';
import { RecordLogReader, type RecordReader } from '../replica/mirror/record-log-reader.js';
import { BadFileError } from './file-format.js';

/**
 * Records, and rows in runs, that are checked without a pause: a few milliseconds of work in code not yet optimized.
 */
const RECORDS_AT_ONCE = 256;
/** More cells than a block of any family can have. */
const MAX_CELLS = 2 ** 27;
/** More rows than a block can have. */
const MAX_ROWS = 2 ** 20;
/** More rows than a family can have. */
const MAX_FAMILY_ROWS = 2 ** 24;
/** Larger than the number of any page of exponential buckets. */
const MAX_PAGES = 2 ** 16;

/** What the records so far say about a family. */
interface KnownFamily {
  readonly width: number;
  readonly labels: number;
  readonly lines: number;
  /** Slices of a summary's window; 0 for other types. */
  readonly slices: number;
  /** Rows in all blocks. */
  rows: number;
  /** The largest row number. */
  lastRow: number;
  /** Whether the family is described completely. Until then, rows may be mentioned before their block. */
  isShown: boolean;
  /** The rows that have ever held a series. */
  readonly used: Set<number>;
  /** By row, the position of the last record that holds its values from before a change. */
  readonly kept: Map<number, number>;
}

/**
 * Checks the records of a file's journal before they are applied: a damaged file must not make its reader loop,
 * allocate without limit or show invalid values. All methods throw BadFileError.
 */
export class JournalCheck {
  private readonly log: RecordLogReader;
  private readonly families = new Map<number, KnownFamily>();
  /** Position of the last record after which cells may belong to another series; -1 if there is none. */
  lastHandover = -1;
  private end = 0;
  /** Number of records to check before the next pause. */
  private beforePause = 0;

  constructor(
    first: ArrayBufferLike,
    /** Returns the number of cells of a slab, or undefined if there is no such slab. */
    private readonly cellsOf: (slab: number) => number | undefined,
  ) {
    this.log = attempt(() => new RecordLogReader(first));
  }

  /** Adds the next segment. */
  add(segment: ArrayBufferLike): void {
    this.log.add(segment);
  }

  /** Checks the records up to a position. */
  upTo(written: number): void {
    for (const _ of this.steps(written));
  }

  /**
   * The same, with pauses. A change to a row whose old values are in a record at or after `end` is no handover, since a
   * reader that stops at `end` uses those values.
   *
   * @param end Default: `written`, so that every such change is one.
   */
  *steps(written: number, end = written): Generator<void> {
    this.end = end;
    this.beforePause = RECORDS_AT_ONCE;
    for (let next = this.log.next(written); next !== undefined; next = this.log.next(written)) {
      const record = next;
      if (attempt(() => this.check(record))) this.lastHandover = record.position;
      this.beforePause -= 1;
      if (this.beforePause > 0) continue;
      this.beforePause = RECORDS_AT_ONCE;
      yield;
    }
    if (this.log.position !== written) throw new BadFileError('Its journal is damaged.');
  }

  /** Checks a record. Returns whether cells may belong to another series after it. */
  private check(record: RecordReader): boolean {
    const kind = record.int();
    const number = record.int();
    if (kind === Kind.SETTINGS) checkSettings(JSON.parse(record.string()));
    else if (kind === Kind.SNAPSHOT) checkSnapshot(JSON.parse(record.string()));
    else if (kind === Kind.FAMILY) this.families.set(number, this.family(JSON.parse(record.string()), number));
    else if (kind === Kind.SHOWN) this.show(number, record);
    else if (kind === Kind.METHOD) checkMethod(record);
    else if (kind !== Kind.HIDDEN) {
      const family = this.families.get(number);
      if (family !== undefined) return this.ofFamily(family, kind, record);
    }
    return false;
  }

  private family(descriptor: FamilyDescriptor, number: number): KnownFamily {
    checkDescriptor(descriptor);
    const { width, labelNames, shape, layout } = descriptor;
    const known = this.families.get(number);
    ensure(known === undefined || (known.width === width && known.labels === labelNames.length));
    const slices = layout.kind === 'quantiles' ? layout.ageBuckets : 0;
    return {
      width,
      labels: labelNames.length,
      lines: shape.length,
      slices,
      rows: 0,
      lastRow: -1,
      isShown: false,
      used: new Set(),
      kept: new Map(),
    };
  }

  private show(number: number, record: RecordReader): void {
    record.int();
    const family = this.families.get(number);
    if (family === undefined) return;
    ensure(family.lastRow < family.rows);
    family.isShown = true;
  }

  private ofFamily(family: KnownFamily, kind: number, record: RecordReader): boolean {
    const row = record.int();
    if (kind === Kind.BLOCK) {
      const rows = record.int();
      ensure(row === family.rows && rows > 0 && rows <= MAX_ROWS);
      this.range(record, rows * family.width);
      family.rows = row + rows;
      return false;
    }
    ensure(row >= 0 && row < (family.isShown ? family.rows : MAX_FAMILY_ROWS));
    if (kind === Kind.RUN) return this.run(family, row, record);
    family.lastRow = Math.max(family.lastRow, row);
    const isKept = (family.kept.get(row) ?? -1) >= this.end;
    if (kind === Kind.KEPT) family.kept.set(row, record.position);
    return this.ofRow(family, kind, row, record) && !isKept;
  }

  private ofRow(family: KnownFamily, kind: number, row: number, record: RecordReader): boolean {
    if (kind === Kind.SERIES) {
      record.float();
      for (let i = 0; i < family.labels; i++) record.skipString();
      ensure(!record.more);
      const isReused = family.used.has(row);
      family.used.add(row);
      return isReused;
    }
    if (kind === Kind.KEPT) this.range(record, family.width);
    else if (kind === Kind.PART) this.part(family, record);
    else if (kind === Kind.EXEMPLAR && record.more) {
      const line = record.int();
      ensure(line >= 0 && line < family.lines);
      checkExemplar(JSON.parse(record.string()));
    }
    return kind === Kind.KEPT || kind === Kind.PART || kind === Kind.REMOVED;
  }

  private run(family: KnownFamily, firstRow: number, record: RecordReader): boolean {
    const count = record.int();
    const end = firstRow + count;
    ensure(count > 0 && end <= (family.isShown ? family.rows : MAX_FAMILY_ROWS));
    family.lastRow = Math.max(family.lastRow, end - 1);
    const rows: unknown = JSON.parse(record.string());
    const width = family.labels + 1;
    ensure(!record.more && Array.isArray(rows) && rows.length === count * width);
    ensure(rows.every((value, i) => typeof value === (i % width === 0 ? 'number' : 'string')));
    let handsOver = false;
    for (let row = firstRow; row < end; row++) {
      if (family.used.has(row) && (family.kept.get(row) ?? -1) < this.end) handsOver = true;
      family.used.add(row);
    }
    this.beforePause -= count;
    return handsOver;
  }

  private part({ slices }: KnownFamily, record: RecordReader): void {
    this.range(record, 1);
    const key: number[] = [];
    while (record.more) key.push(record.int());
    ensure(key.length >= 2 && key.length <= 3 && Math.abs(key.at(-1) ?? 0) <= MAX_PAGES);
    if (slices > 0) ensure(key[0] >= 0 && key[0] < slices);
  }

  private range(record: RecordReader, count: number): void {
    const cells = this.cellsOf(record.int());
    const index = record.int();
    ensure(cells !== undefined && index >= 0 && count <= MAX_CELLS && index + count <= cells);
  }
}

function ensure(holds: boolean): asserts holds {
  if (!holds) throw new BadFileError('Its journal is inconsistent.');
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BadFileError) throw error;
    throw new BadFileError('Its journal cannot be read.', { cause: error });
  }
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkSettings(value: unknown): void {
  ensure(isRecord(value) && isString(value.prefix) && Number.isFinite(value.clockOrigin));
  const { defaultLabels } = value;
  ensure(Array.isArray(defaultLabels) && defaultLabels.every(isPair));
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isString);
}

function checkHead(value: unknown): asserts value is Readonly<Record<string, unknown>> {
  ensure(isRecord(value) && isString(value.name) && isString(value.help) && isString(value.unit));
  ensure(FAMILY_TYPES.some((type) => type === value.type));
}

function checkSnapshot(value: unknown): void {
  checkHead(value);
  const { samples } = value;
  ensure(Array.isArray(samples));
  ensure(
    samples.every(
      (sample) =>
        isRecord(sample) &&
        isString(sample.name) &&
        isRecord(sample.labels) &&
        Object.values(sample.labels).every(isString),
    ),
  );
}

function checkMethod(record: RecordReader): void {
  record.int();
  ensure(isRecord(JSON.parse(record.string())));
}

function checkExemplar(value: unknown): void {
  ensure(isRecord(value) && typeof value.value === 'number' && isRecord(value.labels));
  ensure(Object.values(value.labels).every(isString));
}

function checkDescriptor(value: unknown): void {
  checkHead(value);
  const { labelNames, shape, width, groupRows, layout } = value;
  ensure(Array.isArray(labelNames) && labelNames.every(isString));
  ensure(isCount(width, 1, MAX_ROWS) && isCount(groupRows, 1, MAX_ROWS));
  ensure(Array.isArray(shape) && shape.length > 0 && shape.length <= (width as number) + MAX_ROWS);
  ensure(
    shape.every((line) => isRecord(line) && isString(line.suffix) && (line.label === undefined || isPair(line.label))),
  );
  ensure(isRecord(layout));
  const lines = shape.length;
  const cells = width as number;
  if (layout.kind === 'cells') ensure(cells >= lines);
  else if (layout.kind === 'buckets') {
    ensure(lines >= 3 && cells >= lines - 1);
    const { native } = layout;
    ensure(native === undefined || (isRecord(native) && isCount(native.schema, -4, 8) && cells >= lines - 1 + 5));
  } else {
    ensure(layout.kind === 'quantiles' && Array.isArray(layout.ranks) && lines === layout.ranks.length + 2);
    ensure(layout.ranks.every((rank) => typeof rank === 'number') && isCount(layout.ageBuckets, 1, 10_000));
    ensure(cells === 2);
  }
}

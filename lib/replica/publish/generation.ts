import type { Exemplar } from '../../model/exemplar.js';
import { type TurnWork, turn } from '../../model/turn.js';
import type { FamilyLog } from '../../store/row-changes.js';
import type { CellRange } from '../../store/store.js';
import { EVERYTHING, Kind } from '../journal-format.js';
import { RecordLog, RecordWriter, type SegmentMemory } from './record-log.js';

/** Bytes that may be out of date before rewriting a journal pays off. */
const MIN_STALE_BYTES = 256 * 1024;

/** Records that are soon superseded by others, or that undo others. */
const TRANSIENT_KINDS: ReadonlySet<number> = new Set([
  Kind.KEPT,
  Kind.REMOVED,
  Kind.SETTINGS,
  Kind.SNAPSHOT,
  Kind.EXEMPLAR,
]);

/** Allocates the memory of one generation of a journal, and maps cells to slabs. */
export interface JournalMemory extends SegmentMemory {
  /** Returns the number of the slab that contains a range. Readers have the slab before any record refers to it. */
  slabOf(range: CellRange): number;
}

/** Writes the rest of a record's body. */
export type Fill = (record: RecordWriter, memory: JournalMemory) => void;

/** A destination for records: one generation of a journal, or all that are being written. */
export interface Records {
  /** `again`: the record replaces one of the same turn. `rows`: the number of rows that it describes. */
  write(kind: number, family: number, fill: Fill, again?: boolean, rows?: number): void;
  /** Makes everything written so far visible to readers. */
  commit(): void;
}

/** Sizes of a family's records, in bytes. */
interface FamilySize {
  all: number;
  /**
   * Size of the last record of a series: approximately the number of bytes that are out of date when one is removed.
   */
  series: number;
}

/**
 * One complete version of a journal. Records of a family are accepted only once it is admitted: its description covers
 * everything earlier.
 */
export class Generation implements Records, TurnWork {
  private readonly record = new RecordWriter();
  private readonly families = new Map<number, FamilySize>();
  private readonly log: RecordLog;
  /** Whether records are missing at the end because no memory could be allocated for them. */
  isBroken = false;
  /** Bytes of records that later ones superseded, roughly. */
  private staleBytes = 0;

  constructor(
    readonly number: number,
    private readonly memory: JournalMemory,
  ) {
    this.admit(EVERYTHING);
    this.log = new RecordLog(memory);
  }

  /** Accepts records of a family from now on. */
  admit(family: number): void {
    if (!this.families.has(family)) this.families.set(family, { all: 0, series: 0 });
  }

  write(kind: number, family: number, fill: Fill, again = false, rows = 1): void {
    const size = this.families.get(family);
    if (size === undefined) return;
    const bytes = this.append(kind, family, fill);
    if (bytes === undefined) return;
    turn.add(this);
    size.all += bytes;
    if (kind === Kind.SERIES || kind === Kind.RUN) size.series = bytes / rows;
    // A series whose former values are kept is about to be removed or restarted.
    if (kind === Kind.KEPT || again) this.staleBytes += size.series;
    if (TRANSIENT_KINDS.has(kind)) this.staleBytes += bytes;
  }

  /** Appends a record and returns its size in bytes, or undefined if no memory is left for it. */
  private append(kind: number, family: number, fill: Fill): number | undefined {
    if (this.isBroken) return undefined;
    try {
      fill(this.record.begin(kind).int(family), this.memory);
      return this.log.append(this.record);
    } catch {
      // Must not affect callers that record. Records after a missing one could not be interpreted.
      this.isBroken = true;
      return undefined;
    }
  }

  /** Removes a family permanently. */
  forget(family: number): void {
    this.staleBytes += this.families.get(family)?.all ?? 0;
    this.families.delete(family);
  }

  /** Total size of all records, in bytes. */
  get length(): number {
    return this.log.length;
  }

  /** Whether more bytes are out of date than still needed. */
  get isStale(): boolean {
    return this.isBroken || (this.staleBytes > MIN_STALE_BYTES && this.staleBytes > this.log.length / 2);
  }

  /** Does nothing: records are written immediately. */
  describe(): void {}

  /** At the end of a turn, everything written in it is complete. */
  settle(): void {
    this.commit();
  }

  /** Makes everything written so far visible to readers. */
  commit(): void {
    this.log.commit();
  }

  /** Redirects readers to the next generation. */
  retire(): void {
    this.log.retire();
  }
}

/** Writes the changes of one family as records. */
export class FamilyRecords implements FamilyLog {
  constructor(
    private readonly records: Records,
    protected readonly family: number,
  ) {}

  block(firstRow: number, rows: number, range: CellRange): void {
    this.write(Kind.BLOCK, (record, memory) => {
      record.int(firstRow).int(rows).int(memory.slabOf(range)).int(range.index);
    });
  }

  series(row: number, createdAt: number, labelValues: readonly string[], again = false): void {
    this.write(
      Kind.SERIES,
      (record) => {
        record.int(row).float(createdAt);
        for (const value of labelValues) record.string(value);
      },
      again,
    );
  }

  /**
   * The rows are in JSON, which native code writes and reads: most programs describe their series before V8 has
   * compiled this code.
   */
  run(firstRow: number, count: number, rows: readonly (number | string)[]): void {
    const json = JSON.stringify(rows);
    this.write(Kind.RUN, (record) => record.int(firstRow).int(count).string(json), false, count);
  }

  kept(row: number, range: CellRange): void {
    this.write(Kind.KEPT, (record, memory) => record.int(row).int(memory.slabOf(range)).int(range.index));
  }

  removed(row: number, again = false): void {
    this.write(Kind.REMOVED, (record) => record.int(row), again);
  }

  part(row: number, key: readonly number[], range: CellRange): void {
    this.write(Kind.PART, (record, memory) => {
      record.int(row).int(memory.slabOf(range)).int(range.index);
      for (const number of key) record.int(number);
    });
  }

  exemplar(row: number, line: number, exemplar: Exemplar): void {
    this.write(Kind.EXEMPLAR, (record) => record.int(row).int(line).string(JSON.stringify(exemplar)));
  }

  forgetExemplars(row: number): void {
    this.write(Kind.EXEMPLAR, (record) => record.int(row));
  }

  refreshing(): void {}

  commit(): void {
    this.records.commit();
  }

  private write(kind: number, fill: Fill, again = false, rows = 1): void {
    this.records.write(kind, this.family, fill, again, rows);
  }
}

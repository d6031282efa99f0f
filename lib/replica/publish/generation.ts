import type { Exemplar } from '../../model/exemplar.js';
import { type TurnWork, turn } from '../../model/turn.js';
import type { FamilyLog } from '../../store/row-changes.js';
import type { CellRange, Memory } from '../../store/store.js';
import { EVERYTHING, Kind } from '../layout.js';
import { RecordLog, RecordWriter } from './record-log.js';

/** Bytes that may be out of date before a journal is worth writing anew. */
const TOLERATED_BYTES = 256 * 1024;

/** Records that others take the place of before long, or that undo others. */
const PASSING: ReadonlySet<number> = new Set([Kind.KEPT, Kind.REMOVED, Kind.SETTINGS, Kind.SNAPSHOT, Kind.EXEMPLAR]);

/** The memory of one generation of a journal, and how its records say where cells are. */
export interface JournalMemory extends Pick<Memory, 'segment'> {
  /** The number of the slab that a range lies in. Readers have the slab by the time that a record names it. */
  slabOf(range: CellRange): number;
}

/** Puts the rest of a record's body together. */
export type Fill = (record: RecordWriter, memory: JournalMemory) => void;

/** Where records go: one generation of a journal, or all that are written to. */
export interface Records {
  write(kind: number, family: number, fill: Fill): void;
  /** Lets readers have what was written. */
  commit(): void;
}

/** Bytes of a family's records. */
interface Share {
  all: number;
  /** The last record of a series: roughly what is out of date when one is removed. */
  series: number;
}

/**
 * The records of a journal from the beginning. It takes records of a family only once that is admitted: what happened
 * before is going to be described.
 */
export class Generation implements Records, TurnWork {
  private readonly record = new RecordWriter();
  private readonly families = new Map<number, Share>();
  private readonly log: RecordLog;
  /** Whether records are missing at the end, because no memory could be allocated for them. */
  isBroken = false;
  /** Bytes of records that later ones have undone, roughly. */
  private dead = 0;

  constructor(
    readonly number: number,
    private readonly memory: JournalMemory,
  ) {
    this.admit(EVERYTHING);
    this.log = new RecordLog(memory);
  }

  /** Takes records of a family from now on. */
  admit(family: number): void {
    if (!this.families.has(family)) this.families.set(family, { all: 0, series: 0 });
  }

  write(kind: number, family: number, fill: Fill): void {
    const share = this.families.get(family);
    if (share === undefined) return;
    const bytes = this.append(kind, family, fill);
    if (bytes === undefined) return;
    turn.add(this);
    share.all += bytes;
    if (kind === Kind.SERIES) share.series = bytes;
    // A series whose old values are kept is going to be removed or to begin anew.
    if (kind === Kind.KEPT) this.dead += share.series;
    if (PASSING.has(kind)) this.dead += bytes;
  }

  /** Bytes of a record that was appended; undefined where there is no memory for one any more. */
  private append(kind: number, family: number, fill: Fill): number | undefined {
    if (this.isBroken) return undefined;
    try {
      fill(this.record.begin(kind).int(family), this.memory);
      return this.log.append(this.record);
    } catch {
      // The caller that records must not notice. Records after a missing one could not be understood.
      this.isBroken = true;
      return undefined;
    }
  }

  /** A family has left for good. */
  forget(family: number): void {
    this.dead += this.families.get(family)?.all ?? 0;
    this.families.delete(family);
  }

  /** Bytes of all records. */
  get length(): number {
    return this.log.length;
  }

  /** Whether more is out of date than is still needed. */
  get isStale(): boolean {
    return this.isBroken || (this.dead > TOLERATED_BYTES && this.dead > this.log.length / 2);
  }

  /** Nothing is left to be written at the end of a turn. */
  describe(): void {}

  /** At the end of a turn, what was written in it is whole. */
  settle(): void {
    this.commit();
  }

  /** Lets readers have what was written. */
  commit(): void {
    this.log.commit();
  }

  /** Sends readers on to the next generation. */
  retire(): void {
    this.log.retire();
  }
}

/** What happens to one family, as records. */
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

  series(row: number, createdAt: number, labelValues: readonly string[]): void {
    this.write(Kind.SERIES, (record) => {
      record.int(row).float(createdAt);
      for (const value of labelValues) record.text(value);
    });
  }

  kept(row: number, range: CellRange): void {
    this.write(Kind.KEPT, (record, memory) => record.int(row).int(memory.slabOf(range)).int(range.index));
  }

  removed(row: number): void {
    this.write(Kind.REMOVED, (record) => record.int(row));
  }

  part(row: number, key: readonly number[], range: CellRange): void {
    this.write(Kind.PART, (record, memory) => {
      record.int(row).int(memory.slabOf(range)).int(range.index);
      for (const number of key) record.int(number);
    });
  }

  exemplar(row: number, line: number, exemplar: Exemplar): void {
    this.write(Kind.EXEMPLAR, (record) => record.int(row).int(line).text(JSON.stringify(exemplar)));
  }

  forgetExemplars(row: number): void {
    this.write(Kind.EXEMPLAR, (record) => record.int(row));
  }

  commit(): void {
    this.records.commit();
  }

  private write(kind: number, fill: Fill): void {
    this.records.write(kind, this.family, fill);
  }
}

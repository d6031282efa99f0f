import type { CellRange } from '../../store/store.js';
import { EVERYTHING, Kind } from '../layout.js';
import type { MemoryTransfer } from '../memory-transfer.js';
import { RecordLog } from './record-log.js';
import { RecordWriter } from './record-writer.js';

/** So much may be out of date before a journal is worth writing anew. */
const TOLERATED_BYTES = 256 * 1024;

/** Records that others take the place of before long, or that undo others. */
const PASSING: ReadonlySet<number> = new Set([
  Kind.RESTARTED,
  Kind.REMOVED,
  Kind.SETTINGS,
  Kind.SNAPSHOT,
  Kind.EXEMPLAR,
]);

/** Puts the rest of a record's body together. Where a run lies is said in the numbers of the generation. */
export type Fill = (record: RecordWriter, generation: Generation) => void;

/** Bytes of a family's records. */
interface Share {
  all: number;
  /** The last record of a series: what the removal of one makes out of date, roughly. */
  series: number;
}

/**
 * The records of a journal from the beginning, and the memory that they speak of. It takes records of a family only when
 * it has met it: what was before that, it is still going to be told.
 */
export class Generation {
  /** All memory, for readers that come later. */
  readonly handed: MemoryTransfer[] = [];
  private readonly record = new RecordWriter();
  private readonly slabs = new Map<ArrayBufferLike, number>();
  private readonly families = new Map<number, Share>();
  private readonly tape: RecordLog;
  /** Bytes of records that later ones have undone, roughly. */
  private dead = 0;

  constructor(
    readonly number: number,
    /** Gives memory to readers, before anything points to it. */
    private readonly give: (handed: MemoryTransfer) => void,
  ) {
    this.admit(EVERYTHING);
    this.tape = new RecordLog((bytes) => {
      const segment = new SharedArrayBuffer(bytes);
      this.hand({ generation: number, segment });
      return segment;
    });
  }

  /** Takes records of a family from now on. */
  admit(family: number): void {
    if (!this.families.has(family)) this.families.set(family, { all: 0, series: 0 });
  }

  write(kind: number, family: number, fill: Fill): void {
    const share = this.families.get(family);
    if (share === undefined) return;
    fill(this.record.begin(kind).int(family), this);
    const bytes = this.tape.append(this.record);
    share.all += bytes;
    if (kind === Kind.SERIES) share.series = bytes;
    if (kind === Kind.REMOVED) this.dead += share.series;
    if (PASSING.has(kind)) this.dead += bytes;
  }

  /** A family has left for good. */
  forget(family: number): void {
    this.dead += this.families.get(family)?.all ?? 0;
    this.families.delete(family);
  }

  /** The number of the slab that a run lies in. */
  slabOf({ cells }: CellRange): number {
    const { buffer } = cells;
    const known = this.slabs.get(buffer);
    if (known !== undefined) return known;
    const slab = this.slabs.size;
    this.slabs.set(buffer, slab);
    this.hand({ generation: this.number, slab, buffer: buffer as SharedArrayBuffer });
    return slab;
  }

  /** Bytes of all records. */
  get length(): number {
    return this.tape.length;
  }

  /** Whether more is out of date than is still needed. */
  get isStale(): boolean {
    return this.dead > TOLERATED_BYTES && this.dead > this.tape.length / 2;
  }

  /** Sends readers on to the next generation. */
  retire(): void {
    this.tape.retire();
  }

  private hand(handed: MemoryTransfer): void {
    this.handed.push(handed);
    this.give(handed);
  }
}

import type { Exemplar } from '../../model/exemplar.js';
import type { FamilyAbout } from '../../model/family-about.js';
import type { Run } from '../run.js';
import type { Handed } from './handed.js';
import type { FamilyLog, Journal } from './journal.js';
import { Kind } from './layout.js';
import { PendingExemplars } from './pending-exemplars.js';
import { RecordWriter } from './record-writer.js';
import { Tape } from './tape.js';

/** So much may be out of date before a journal is worth writing anew. */
const TOLERATED_BYTES = 256 * 1024;

/**
 * A journal in shared memory. Whoever listens is handed every piece of memory before anything in the journal points to
 * it. Messages are sent at once, so this holds while the thread is too busy to do anything else.
 */
export class SharedJournal implements Journal {
  private readonly record = new RecordWriter();
  private readonly listeners = new Set<(handed: Handed) => void>();
  private generation = 0;
  private handed: Handed[] = [];
  private slabs = new Map<ArrayBufferLike, number>();
  private families = 0;
  private tape = this.begin();
  private readonly pending = new PendingExemplars((family, row, line, exemplar) => {
    // Each one takes the place of another before long.
    this.dead += this.write(Kind.EXEMPLAR, family, (record) => {
      record.int(row).int(line).text(JSON.stringify(exemplar));
    });
  });
  /** Bytes of records that later ones have undone, roughly. */
  private dead = 0;

  /** Lets a reader have all memory, that which comes later too. Returns how to end that. */
  listen(listener: (handed: Handed) => void): () => void {
    for (const handed of this.handed) listener(handed);
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  family(about: FamilyAbout): FamilyLog & { readonly number: number; waste(): void } {
    const log = new Log(this, this.number());
    this.announce(log.number, about);
    return log;
  }

  /** A number for one more family. */
  number(): number {
    this.families += 1;
    return this.families;
  }

  /** Announces a family that has its number already. */
  announce(family: number, about: FamilyAbout): void {
    this.write(Kind.FAMILY, family, (record) => record.text(JSON.stringify(about)));
  }

  /** Says something as JSON: of a family, or of everything with the number -1. Replaces what was said of it before. */
  say(kind: number, family: number, data: unknown): void {
    this.dead += this.write(kind, family, (record) => record.text(JSON.stringify(data)));
  }

  write(kind: number, family: number, fill: (record: RecordWriter) => void): number {
    fill(this.record.begin(kind).int(family));
    return this.tape.append(this.record);
  }

  /** Writes down the exemplars that wait for it. */
  flush(): void {
    this.pending.flush();
  }

  exemplar(family: number, row: number, line: number, exemplar: Exemplar): void {
    this.pending.put(family, row, line, exemplar);
  }

  /** Drops the exemplars of a series, as far as they are not written down. */
  dropExemplars(family: number, row: number): void {
    this.pending.drop(family, row);
  }

  /** Counts what a record has made out of date, the record included. */
  waste(bytes: number): void {
    this.dead += bytes;
  }

  /** The number of the slab that a run lies in. */
  slabOf({ cells }: Run): number {
    const { buffer } = cells;
    const known = this.slabs.get(buffer);
    if (known !== undefined) return known;
    const slab = this.slabs.size;
    this.slabs.set(buffer, slab);
    this.hand({ generation: this.generation, slab, buffer: buffer as SharedArrayBuffer });
    return slab;
  }

  /** Bytes of all records. */
  get length(): number {
    return this.tape.length;
  }

  /** Whether more of the journal is out of date than is still needed. */
  get isStale(): boolean {
    return this.dead > TOLERATED_BYTES && this.dead > this.tape.length / 2;
  }

  /** Begins a journal in place of this one; `describe` writes everything that there is. Families keep their numbers. */
  rewrite(describe: () => void): void {
    const old = this.tape;
    this.generation += 1;
    this.handed = [];
    this.slabs = new Map();
    this.tape = this.begin();
    this.dead = 0;
    describe();
    old.retire();
  }

  private begin(): Tape {
    return new Tape((bytes) => {
      const segment = new SharedArrayBuffer(bytes);
      this.hand({ generation: this.generation, segment });
      return segment;
    });
  }

  private hand(handed: Handed): void {
    this.handed.push(handed);
    for (const listener of this.listeners) listener(handed);
  }
}

/** The records of one family. */
class Log implements FamilyLog {
  /** All records. */
  private bytes = 0;
  /** The last record of a series: what the removal of one makes out of date, roughly. */
  private seriesBytes = 0;

  constructor(
    private readonly journal: SharedJournal,
    readonly number: number,
  ) {}

  block(firstRow: number, rows: number, run: Run): void {
    const slab = this.journal.slabOf(run);
    this.write(Kind.BLOCK, (record) => record.int(firstRow).int(rows).int(slab).int(run.index));
  }

  series(row: number, createdAt: number, labelValues: readonly string[]): void {
    this.seriesBytes = this.write(Kind.SERIES, (record) => {
      record.int(row).float(createdAt);
      for (const value of labelValues) record.text(value);
    });
  }

  restarted(row: number, createdAt: number): void {
    const bytes = this.write(Kind.RESTARTED, (record) => record.int(row).float(createdAt));
    this.journal.waste(bytes);
  }

  exemplar(row: number, line: number, exemplar: Exemplar): void {
    this.journal.exemplar(this.number, row, line, exemplar);
  }

  forgetExemplars(row: number): void {
    this.journal.dropExemplars(this.number, row);
    this.journal.waste(this.write(Kind.EXEMPLAR, (record) => record.int(row)));
  }

  removed(row: number): void {
    this.journal.dropExemplars(this.number, row);
    const bytes = this.write(Kind.REMOVED, (record) => record.int(row));
    this.journal.waste(bytes + this.seriesBytes);
  }

  part(row: number, key: readonly number[], run: Run): void {
    const slab = this.journal.slabOf(run);
    this.write(Kind.PART, (record) => {
      record.int(row).int(slab).int(run.index);
      for (const number of key) record.int(number);
    });
  }

  /** The family has left for good. */
  waste(): void {
    this.journal.waste(this.bytes);
  }

  private write(kind: number, fill: (record: RecordWriter) => void): number {
    const bytes = this.journal.write(kind, this.number, fill);
    this.bytes += bytes;
    return bytes;
  }
}

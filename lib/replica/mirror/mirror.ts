import type { FamilyDescriptor } from '../../model/descriptor.js';
import { PromarkError } from '../../model/errors.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { FamilySnapshot } from '../../model/family.js';
import { type SnapshotFamily, snapshotSource } from '../../model/live-family.js';
import { type MethodRegistration, RegistrationList } from '../../model/method-registrations.js';
import type { CellRange } from '../../store/store.js';
import { Kind, type MirrorSettings, MOVED, NO_METHOD, snapshotFromData } from '../journal-format.js';
import type { MappedRange, MemoryTransfer } from '../thread-memory.js';
import { MirrorFamily, type MirrorSource } from './mirror-family.js';
import { RecordLogReader, type RecordReader } from './record-log-reader.js';
import { type KnownState, UnfinishedTurn } from './unfinished-turn.js';

/** A family on the page: one that is read from its cells, or its last known snapshot. */
export interface MirrorMember {
  readonly number: number;
  readonly source: MirrorFamily | SnapshotFamily;
  /** Whether it is at the end of the page, after the families of collectors. */
  readonly last: boolean;
  /** The methods that record in the family, if any. */
  readonly methods: RegistrationList | undefined;
}

/**
 * Number of records, and of rows in runs, that are read before yielding: a few milliseconds until the code is compiled.
 */
const RECORDS_AT_ONCE = 256;

/** The record of the last run that was read: pages read one row after the other. */
interface LastRun {
  readonly position: number;
  readonly firstRow: number;
  /** The start time and the label values of each row. */
  readonly rows: readonly (number | string)[];
  /** Number of these per row. */
  readonly width: number;
}

/** A registry as described by its journal, read in another thread. */
export class Mirror implements MirrorSource {
  /** Replaced when prefix, default labels or formats change. */
  settings: MirrorSettings = { prefix: '', defaultLabels: [], created: false, openMetrics2: false, clockOrigin: 0 };
  private readonly generations: GenerationStore;
  private memory: ReceivedGeneration | undefined;
  private lastRun: LastRun | undefined;
  /** Remaining records to read before yielding. */
  private left = 0;
  private readonly families = new Map<number, MirrorFamily>();
  private readonly snapshots = new Map<number, SnapshotFamily>();
  private readonly methods = new Map<number, RegistrationList>();
  /** The numbers of the families on the page, in order, and whether each goes at the end. */
  private readonly shown = new Map<number, boolean>();
  /** Positions of the records that wait for the end of the writer's current turn. */
  private ahead: number[] = [];
  private readonly unfinished = new UnfinishedTurn();
  private readonly known: KnownState = {
    losesSamples: (family, snapshot) => losesSamples(this.snapshots.get(family), snapshot),
    hasKept: (family) => this.families.get(family)?.hasKept === true,
    hasValue: (family, row) => this.families.get(family)?.hasValue(row) ?? true,
  };
  /**
   * Whether new families and series are shown before the turn that created them has ended. That turn may be long, and
   * values do not wait for its end either.
   */
  showsAdditions = false;
  /** Whether `ahead` has been read with `showsAdditions`. */
  private hasAdditions = false;
  /**
   * Whether the writer has ended. The records of its last turn are then applied, even if the turn was not completed.
   */
  hasEnded = false;

  constructor(
    /** Returns the next piece of memory that was received, if any. */
    private readonly receive: () => MemoryTransfer | undefined,
    /** Returns the memory at an address. Only called for files that the writer has mapped. */
    view?: (range: MappedRange) => ArrayBufferLike,
  ) {
    this.generations = new GenerationStore(view);
  }

  get generation(): number {
    return this.memory?.generation ?? -1;
  }

  /** Whether all records have taken effect: none is missing, or waits for the end of the writer's turn. */
  get isUpToDate(): boolean {
    const { memory } = this;
    return memory !== undefined && this.ahead.length === 0 && memory.log.end() === memory.log.position;
  }

  /** The families on the page, according to the journal as last read. */
  members(): MirrorMember[] {
    return [...this.shown].flatMap(([number, last]) => {
      const source = this.families.get(number) ?? this.snapshots.get(number);
      return source === undefined ? [] : [{ number, source, last, methods: this.methods.get(number) }];
    });
  }

  sync(): void {
    while (!this.readSome(Infinity));
  }

  /** The same in steps, in case there is much to read. Records written in the meantime are left for `sync`. */
  *syncing(): Generator<void> {
    if (this.memory !== undefined) this.applySetGauges(this.memory);
    while (!this.readSome(RECORDS_AT_ONCE)) yield;
  }

  labelValues(position: number, row: number): readonly string[] {
    const run = this.runAt(position);
    if (run !== undefined) {
      const at = (row - run.firstRow) * run.width;
      return run.rows.slice(at + 1, at + run.width) as string[];
    }
    const record = this.seriesAt(position);
    record.float();
    const labelValues: string[] = [];
    while (record.more) labelValues.push(record.string());
    return labelValues;
  }

  createdAt(position: number, row: number): number {
    const run = this.runAt(position);
    if (run !== undefined) return run.rows[(row - run.firstRow) * run.width] as number;
    return this.seriesAt(position).float();
  }

  now(): number {
    return (Number(process.hrtime.bigint()) - this.settings.clockOrigin) / 1e6;
  }

  /** The record of a series, positioned at its start time. */
  private seriesAt(position: number): RecordReader {
    const record = (this.memory as ReceivedGeneration).log.record(position);
    record.int();
    record.int();
    record.int();
    return record;
  }

  /** Returns the run at a position; undefined if the record there is of a single series. */
  private runAt(position: number): LastRun | undefined {
    if (this.lastRun?.position === position) return this.lastRun;
    const record = (this.memory as ReceivedGeneration).log.record(position);
    if (record.int() !== Kind.RUN) return undefined;
    record.int();
    const firstRow = record.int();
    const count = record.int();
    const rows = JSON.parse(record.string()) as LastRun['rows'];
    this.lastRun = { position, firstRow, rows, width: rows.length / count };
    return this.lastRun;
  }

  /** Reads at most `most` records. Returns whether there are no more. */
  private readSome(most: number): boolean {
    // Read before taking new memory, because memory is sent before records refer to it.
    const end = this.memory?.log.end() ?? MOVED;
    const written = this.memory?.log.written() ?? MOVED;
    this.takeMemory();
    if (end !== MOVED) return this.read(this.hasEnded ? written : end, written, most);
    // The next generation, not the newest one, which may be incomplete. If its memory has not arrived, the current one
    // is read to its end.
    const next = this.generations.after(this.generation);
    if (next !== undefined) {
      this.restart(next);
      return false;
    }
    return this.memory === undefined || this.read(written, written, most);
  }

  private takeMemory(): void {
    for (let transfer = this.receive(); transfer !== undefined; transfer = this.receive())
      this.generations.put(transfer);
  }

  private restart(memory: ReceivedGeneration): void {
    this.memory = memory;
    this.lastRun = undefined;
    this.ahead = [];
    this.unfinished.clear();
    this.shown.clear();
    this.snapshots.clear();
    this.methods.clear();
    for (const family of this.families.values()) family.clear();
  }

  /** Applies the records up to `end`, and looks at those after it. Returns false if it stopped after `most` records. */
  private read(end: number, written: number, most: number): boolean {
    const { log } = this.memory as ReceivedGeneration;
    const shows = this.showsAdditions && !this.hasAdditions;
    this.hasAdditions = this.showsAdditions;
    if (this.ahead.length > 0 && (shows || this.ahead[0] < end)) this.applyWaiting(end);
    for (this.left = most; this.left > 0; this.left--) {
      const record = log.next(written);
      if (record === undefined) return true;
      const { position } = record;
      if (!this.hasCellsOf(record)) {
        log.goBack(position);
        return true;
      }
      if (position < end) this.apply(record.rewind(), position);
      else this.lookAhead(position);
    }
    return false;
  }

  /** Applies the records that have waited for the end of their turn. */
  private applyWaiting(end: number): void {
    const { log } = this.memory as ReceivedGeneration;
    const { ahead } = this;
    this.ahead = [];
    this.unfinished.clear();
    for (const position of ahead) {
      if (position < end) this.apply(log.record(position), position);
      else this.lookAhead(position);
    }
  }

  /** Applies series records of gauges that have been set in the meantime. */
  private applySetGauges({ log }: ReceivedGeneration): void {
    this.unfinished.unset = this.unfinished.unset.filter((position) => {
      const record = log.record(position);
      record.int();
      const family = record.int();
      if (this.known.hasKept(family) || !this.known.hasValue(family, record.int())) return true;
      this.apply(record.rewind(), position);
      return false;
    });
  }

  /** Whether the slab named by a record is here. Its message may not have arrived yet. */
  private hasCellsOf(record: RecordReader): boolean {
    const kind = record.int();
    if (kind !== Kind.KEPT && kind !== Kind.BLOCK && kind !== Kind.PART) return true;
    record.int();
    record.int();
    if (kind === Kind.BLOCK) record.int();
    return (this.memory as ReceivedGeneration).slabs[record.int()] !== undefined;
  }

  /** Reads a record of the current turn. Unless it can be applied now, it waits for the end of the turn. */
  private lookAhead(position: number): void {
    const record = (this.memory as ReceivedGeneration).log.record(position);
    if (this.showsAdditions && this.unfinished.isImmediate(record, this.known)) {
      this.apply(record.rewind(), position);
      return;
    }
    this.ahead.push(position);
    // A row is about to change in several steps: from now on, its old values are read.
    if (record.rewind().int() === Kind.KEPT) this.apply(record.rewind(), position);
  }

  private apply(record: RecordReader, position: number): void {
    const kind = record.int();
    const number = record.int();
    if (kind === Kind.SETTINGS) this.settings = JSON.parse(record.string()) as MirrorSettings;
    else if (kind === Kind.SNAPSHOT)
      this.snapshots.set(number, snapshotSource(snapshotFromData(JSON.parse(record.string()))));
    else if (kind === Kind.SHOWN) this.shown.set(number, record.int() === 1);
    else if (kind === Kind.HIDDEN) this.shown.delete(number);
    else if (kind === Kind.METHOD) this.applyMethod(number, record);
    else if (kind === Kind.FAMILY) this.admit(number, JSON.parse(record.string()) as FamilyDescriptor);
    else {
      const family = this.families.get(number);
      if (family !== undefined) this.applyTo(family, kind, record, position);
    }
  }

  private applyMethod(number: number, record: RecordReader): void {
    const list = this.methods.get(number) ?? new RegistrationList();
    this.methods.set(number, list);
    const order = record.int();
    list.update(JSON.parse(record.string()) as MethodRegistration, order === NO_METHOD ? undefined : order);
  }

  private applyTo(family: MirrorFamily, kind: number, record: RecordReader, position: number): void {
    const first = record.int();
    if (kind === Kind.SERIES) family.series(first, position);
    else if (kind === Kind.RUN) this.applyRun(family, first, record.int(), position);
    else if (kind === Kind.REMOVED) family.removed(first);
    else if (kind === Kind.KEPT) family.kept(first, this.rangeOf(record));
    else if (kind === Kind.BLOCK) family.block(first, record.int(), this.rangeOf(record));
    else if (kind === Kind.EXEMPLAR && record.more) {
      family.putExemplar(first, record.int(), JSON.parse(record.string()) as Exemplar);
    } else if (kind === Kind.EXEMPLAR) family.forgetExemplars(first);
    else if (kind === Kind.PART) {
      const range = this.rangeOf(record);
      const key: number[] = [];
      while (record.more) key.push(record.int());
      family.part(first, key, range);
    }
  }

  private applyRun(family: MirrorFamily, firstRow: number, count: number, position: number): void {
    for (let row = firstRow; row < firstRow + count; row++) family.series(row, position);
    this.left -= count;
  }

  private rangeOf(record: RecordReader): CellRange {
    const cells = (this.memory as ReceivedGeneration).slabs[record.int()];
    return { cells, index: record.int() };
  }

  private admit(number: number, descriptor: FamilyDescriptor): void {
    // A family from an earlier generation is kept, because a page may be using it.
    if (!this.families.has(number)) this.families.set(number, new MirrorFamily(descriptor, this));
  }
}

/** Whether a snapshot has fewer samples than the one before, which may be about to be set again. */
function losesSamples(known: SnapshotFamily | undefined, next: string): boolean {
  return known !== undefined && (JSON.parse(next) as FamilySnapshot).samples.length < known.snapshot().samples.length;
}

/** What was received of one generation of a journal: its segments, and the slabs that hold cells. */
export interface ReceivedGeneration {
  readonly generation: number;
  readonly log: RecordLogReader;
  readonly slabs: Float64Array[];
}

/** Collects received memory by generation. */
export class GenerationStore {
  private readonly memories = new Map<number, ReceivedGeneration>();

  constructor(private readonly view?: (range: MappedRange) => ArrayBufferLike) {}

  put(transfer: MemoryTransfer): void {
    const { generation } = transfer;
    const memory = this.memories.get(generation);
    if (transfer.kind === 'segment') {
      if (memory !== undefined) memory.log.add(transfer.segment);
      else this.memories.set(generation, { generation, log: new RecordLogReader(transfer.segment), slabs: [] });
    } else if (memory !== undefined) memory.slabs[transfer.slab] = new Float64Array(this.bufferOf(transfer));
  }

  private bufferOf(transfer: Extract<MemoryTransfer, { readonly slab: number }>): ArrayBufferLike {
    if (transfer.kind === 'slab') return transfer.buffer;
    if (this.view === undefined) throw new PromarkError('Memory of a mapped file cannot be read here.');
    return this.view(transfer.mapped);
  }

  /** Returns the generation that follows one, with no gap; earlier ones are dropped. */
  after(generation: number): ReceivedGeneration | undefined {
    const later = [...this.memories.keys()].filter((number) => number > generation);
    const next = later.length === 0 ? undefined : this.memories.get(Math.min(...later));
    for (const number of this.memories.keys())
      if (next !== undefined && number < next.generation) this.memories.delete(number);
    return next;
  }
}

import type { FamilyDescriptor } from '../../model/descriptor.js';
import { PromarkError } from '../../model/errors.js';
import type { Exemplar } from '../../model/exemplar.js';
import { gathered, type SnapshotFamily } from '../../model/live-family.js';
import { type MethodRegistration, RegistrationList } from '../../model/method-registrations.js';
import type { CellRange } from '../../store/store.js';
import { Kind, type MirrorSettings, MOVED, NO_METHOD, snapshotFromData } from '../layout.js';
import type { MappedRange, MemoryTransfer } from '../thread-memory.js';
import { MirrorFamily, type MirrorSource } from './mirror-family.js';
import { RecordLogReader, type RecordReader } from './record-log-reader.js';

/** A family on the page: one that is read where its cells lie, or what one was last heard to say. */
export interface MirrorMember {
  readonly number: number;
  readonly source: MirrorFamily | SnapshotFamily;
  /** Whether it stands at the end of the page, behind what collectors yield. */
  readonly last: boolean;
  /** The methods that record in the family, where there are any. */
  readonly methods: RegistrationList | undefined;
}

/** Records that are read without a pause: a few milliseconds before the code is compiled. */
const RECORDS_AT_ONCE = 256;

/** A registry as its journal describes it, read in another thread. */
export class Mirror implements MirrorSource {
  /** Changes when names or labels of everything do. */
  settings: MirrorSettings = { prefix: '', defaultLabels: [], created: false, openMetrics2: false, clockOrigin: 0 };
  private readonly generations: GenerationStore;
  private memory: GenerationMemory | undefined;
  private readonly families = new Map<number, MirrorFamily>();
  private readonly snapshots = new Map<number, SnapshotFamily>();
  private readonly methods = new Map<number, RegistrationList>();
  /** The numbers of the families on the page in their order, and whether each is one of the last. */
  private readonly shown = new Map<number, boolean>();
  /** Where the records of the writer's present turn are. */
  private ahead: number[] = [];
  /** Whether records of a turn count before it has ended, because the writer is stuck in it. */
  isWriterStuck = false;

  constructor(
    /** Gives the memory that was handed over since it was last asked, piece by piece. */
    private readonly receive: () => MemoryTransfer | undefined,
    /** Finds memory at an address. Only called for what the writer has mapped. */
    view?: (range: MappedRange) => ArrayBufferLike,
  ) {
    this.generations = new GenerationStore(view);
  }

  get generation(): number {
    return this.memory?.generation ?? -1;
  }

  /** Everything on the page as the journal said when it was last read. */
  members(): MirrorMember[] {
    return [...this.shown].flatMap(([number, last]) => {
      const source = this.families.get(number) ?? this.snapshots.get(number);
      return source === undefined ? [] : [{ number, source, last, methods: this.methods.get(number) }];
    });
  }

  sync(): void {
    while (!this.readSome(Infinity));
  }

  /** The same in steps, for a reader that may find much to read: what is written meanwhile is left for `sync`. */
  *syncing(): Generator<void> {
    while (!this.readSome(RECORDS_AT_ONCE)) yield;
  }

  labelValues(position: number): string[] {
    const record = this.seriesAt(position);
    record.float();
    const labelValues: string[] = [];
    while (record.more) labelValues.push(record.string());
    return labelValues;
  }

  createdAt(position: number): number {
    return this.seriesAt(position).float();
  }

  now(): number {
    return (Number(process.hrtime.bigint()) - this.settings.clockOrigin) / 1e6;
  }

  /** The record of a series, from the time of its start on. */
  private seriesAt(position: number): RecordReader {
    const record = (this.memory as GenerationMemory).log.record(position);
    record.int();
    record.int();
    record.int();
    return record;
  }

  /** Reads at most so many records. Returns whether that was all there is. */
  private readSome(most: number): boolean {
    // Asked before the memory is looked for: what the journal points to was handed over before it did.
    const end = this.memory?.log.end() ?? MOVED;
    const written = this.memory?.log.written() ?? MOVED;
    this.takeMemory();
    if (end !== MOVED) return this.read(this.isWriterStuck ? written : end, written, most);
    // Not the newest one, which may still be in the making: until it is whole, the one before it is kept up.
    const next = this.generations.after(this.generation);
    if (next !== undefined) this.startAnew(next);
    return next === undefined;
  }

  private takeMemory(): void {
    for (let transfer = this.receive(); transfer !== undefined; transfer = this.receive())
      this.generations.put(transfer);
  }

  private startAnew(memory: GenerationMemory): void {
    this.memory = memory;
    this.ahead = [];
    this.shown.clear();
    this.snapshots.clear();
    this.methods.clear();
    for (const family of this.families.values()) family.clear();
  }

  /** Applies the records up to an end, and looks at those behind it. Returns false if it has stopped after `most` of them. */
  private read(end: number, written: number, most: number): boolean {
    const { log } = this.memory as GenerationMemory;
    const later = this.ahead.findIndex((position) => position >= end);
    for (const position of this.ahead.splice(0, later < 0 ? this.ahead.length : later)) {
      this.apply(log.record(position), position);
    }
    for (let count = 0; count < most; count++) {
      const record = log.next(written);
      if (record === undefined) return true;
      const { position } = record;
      if (!this.hasCellsOf(record)) {
        log.goBack(position);
        return true;
      }
      if (position < end) this.apply(record.rewind(), position);
      else this.lookAhead(record.rewind(), position);
    }
    return false;
  }

  /** Whether the slab that a record names is here. Its message may still be under way. */
  private hasCellsOf(record: RecordReader): boolean {
    const kind = record.int();
    if (kind !== Kind.KEPT && kind !== Kind.BLOCK && kind !== Kind.PART) return true;
    record.int();
    record.int();
    if (kind === Kind.BLOCK) record.int();
    return (this.memory as GenerationMemory).slabs[record.int()] !== undefined;
  }

  /** A row is about to change in several steps: its old values count from now on, and once more in its record's turn. */
  private lookAhead(record: RecordReader, position: number): void {
    this.ahead.push(position);
    if (record.int() !== Kind.KEPT) return;
    this.apply((this.memory as GenerationMemory).log.record(position), position);
  }

  private apply(record: RecordReader, position: number): void {
    const kind = record.int();
    const number = record.int();
    if (kind === Kind.SETTINGS) this.settings = JSON.parse(record.string()) as MirrorSettings;
    else if (kind === Kind.SNAPSHOT)
      this.snapshots.set(number, gathered(snapshotFromData(JSON.parse(record.string()))));
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
    list.heard(JSON.parse(record.string()) as MethodRegistration, order === NO_METHOD ? undefined : order);
  }

  private applyTo(family: MirrorFamily, kind: number, record: RecordReader, position: number): void {
    const first = record.int();
    if (kind === Kind.SERIES) family.series(first, position);
    else if (kind === Kind.REMOVED) family.removed(first);
    else if (kind === Kind.KEPT) family.kept(first, this.run(record));
    else if (kind === Kind.BLOCK) family.block(first, record.int(), this.run(record));
    else if (kind === Kind.EXEMPLAR && record.more) {
      family.putExemplar(first, record.int(), JSON.parse(record.string()) as Exemplar);
    } else if (kind === Kind.EXEMPLAR) family.forgetExemplars(first);
    else if (kind === Kind.PART) {
      const run = this.run(record);
      const key: number[] = [];
      while (record.more) key.push(record.int());
      family.part(first, key, run);
    }
  }

  private run(record: RecordReader): CellRange {
    const cells = (this.memory as GenerationMemory).slabs[record.int()];
    return { cells, index: record.int() };
  }

  private admit(number: number, about: FamilyDescriptor): void {
    // Known from a generation before: a page that is being rendered keeps it.
    if (!this.families.has(number)) this.families.set(number, new MirrorFamily(about, this));
  }
}

/** The memory of one generation of a journal: its segments, and the slabs that cells lie in. */
export interface GenerationMemory {
  readonly generation: number;
  readonly log: RecordLogReader;
  readonly slabs: Float64Array[];
}

/** Sorts memory as it is handed over. */
export class GenerationStore {
  private readonly memories = new Map<number, GenerationMemory>();

  constructor(private readonly view?: (range: MappedRange) => ArrayBufferLike) {}

  put(transfer: MemoryTransfer): void {
    const { generation } = transfer;
    const memory = this.memories.get(generation);
    if ('segment' in transfer) {
      if (memory !== undefined) memory.log.add(transfer.segment);
      else this.memories.set(generation, { generation, log: new RecordLogReader(transfer.segment), slabs: [] });
    } else if (memory !== undefined) memory.slabs[transfer.slab] = new Float64Array(this.bufferOf(transfer));
  }

  private bufferOf(transfer: Extract<MemoryTransfer, { readonly slab: number }>): ArrayBufferLike {
    if ('buffer' in transfer) return transfer.buffer;
    if (this.view === undefined) throw new PromarkError('Memory of a mapped file cannot be read here.');
    return this.view(transfer.mapped);
  }

  /** The generation that follows one, and that every later one follows in turn; those before are forgotten. */
  after(generation: number): GenerationMemory | undefined {
    const later = [...this.memories.keys()].filter((number) => number > generation);
    const next = later.length === 0 ? undefined : this.memories.get(Math.min(...later));
    for (const number of this.memories.keys())
      if (next !== undefined && number < next.generation) this.memories.delete(number);
    return next;
  }
}

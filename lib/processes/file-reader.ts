import { builtin } from '../model/load-at-runtime.js';
import { END_WORD, HEAD_WORDS, MOVED, WRITTEN_WORD } from '../replica/journal-format.js';
import { Mirror } from '../replica/mirror/mirror.js';
import type { MemoryTransfer } from '../replica/thread-memory.js';
import {
  BadFileError,
  BLOCKS_WORD,
  BlockKind,
  type BlockLocation,
  CLOSED_WORD,
  ENTRY_BYTES,
  entryLocation,
  GENERATION_WORD,
  HEARTBEAT_WORD,
  isLink,
  Mode,
  newestCommit,
  PAGE,
  readEntry,
  readHeader,
  WORDS,
  WORDS_BYTES,
} from './file-format.js';
import type { Identity } from './identity.js';
import { JournalCheck } from './journal-check.js';

const fs = builtin('node:fs');
/** Does not follow links, and does not wait for the writer of a pipe. */
const FLAGS = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);

/** Maximum number of reads of a file that changes while it is read. */
const ATTEMPTS = 8;

/** More blocks than a file can have: a damaged file must not use up memory. */
const MAX_BLOCKS = 2 ** 18;

/** The state of a journal at one moment. */
interface JournalState {
  readonly generation: number;
  readonly blocks: number;
  readonly end: number;
  readonly written: number;
  /** The slot that holds the cells; 0 if there is only one. */
  readonly slot: number;
  readonly sequence: number;
}

/** The journal of one generation, as read so far. */
interface JournalCopy {
  readonly generation: number;
  readonly segments: ArrayBuffer[];
  /** Words in all segments. */
  words: number;
  /** Number of segments handed to the mirror. */
  transferred: number;
  /** Words read in all segments. */
  read: number;
  readonly check: JournalCheck;
}

/**
 * The registry of another process, read from its file. `refresh` copies the cells and reads new journal records. Once
 * `mirror.sync` has applied them, the mirror shows both as of one moment, until the next call.
 */
export class FileReader {
  readonly identity: Identity;
  readonly mode: number;
  readonly mirror: Mirror;
  /** The writer's last heartbeat, in milliseconds since the epoch. */
  heartbeat = 0;
  /** Whether the writer has ended cleanly. */
  isClosed = false;
  /** Whether a consistent state has been read. */
  isRead = false;
  private readonly fd: number;
  private readonly transfers: MemoryTransfer[] = [];
  private readonly entries: BlockLocation[] = [];
  /** Offsets of the parts of the directory. */
  private readonly parts: number[] = [0];
  private cellBytes = 0;
  private readonly slabs = new Map<number, ArrayBuffer>();
  private journal: JournalCopy | undefined;
  /** The journal of a generation that is being read for the first time. */
  private next: JournalCopy | undefined;
  private sequence = 0;

  /** Opens a file. Throws BadFileError, or the error of the file system. */
  constructor(readonly path: string) {
    this.fd = fs.openSync(path, FLAGS);
    try {
      const stat = fs.fstatSync(this.fd);
      if (!stat.isFile()) throw new BadFileError('It is not a regular file.');
      const uid = process.geteuid?.();
      if (uid !== undefined && stat.uid !== uid) throw new BadFileError(`It belongs to user ${stat.uid}.`);
      const { mode, identity } = readHeader(this.bytes(0, PAGE));
      this.mode = mode;
      this.identity = identity;
      this.mirror = new Mirror(() => this.transfers.shift());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Reads new records of the journal, step by step, so that `refresh` has little left to read. Throws BadFileError. */
  *prepare(): Generator<void> {
    const state = this.currentState();
    if (state !== undefined) yield* this.readJournal(this.journalOf(state.generation), state);
  }

  /**
   * Reads the current state, which `mirror.sync` then applies. Returns false if the file changed too fast for a
   * consistent read; the previous state is kept. Throws BadFileError.
   */
  refresh(): boolean {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = this.currentState();
      if (before === undefined) continue;
      if (this.isRead && before.sequence > 0 && before.sequence === this.sequence) return true;
      const journal = this.journalOf(before.generation);
      for (const _ of this.readJournal(journal, before));
      const cells = this.readCells(before.slot);
      const after = this.currentState();
      if (after === undefined || !this.isConsistent(before, after, journal)) continue;
      this.apply(before, journal, cells);
      return true;
    }
    return false;
  }

  /** Returns the contents of all blocks of a kind. */
  read(kind: number): Buffer[] {
    return this.entries.filter((entry) => entry.kind === kind).map(({ offset, length }) => this.bytes(offset, length));
  }

  close(): void {
    fs.closeSync(this.fd);
  }

  /** The current state of the writer, or undefined while it replaces its journal. */
  private currentState(): JournalState | undefined {
    if (this.mode === Mode.MAPPED) return this.mappedState();
    const commit = newestCommit(this.bytes(0, PAGE));
    if (commit === undefined) throw new BadFileError('It has no intact state.');
    const { sequence, generation, blocks, end, written } = commit;
    this.heartbeat = commit.heartbeat;
    this.isClosed = commit.closed;
    this.readDirectory(blocks);
    return { generation, blocks, end, written, sequence, slot: this.mode === Mode.BUFFERED ? sequence % 2 : 0 };
  }

  private mappedState(): JournalState | undefined {
    const { generation } = this.readWords();
    const first = this.entries.find((entry) => entry.kind === BlockKind.JOURNAL && entry.generation === generation);
    if (first === undefined) throw new BadFileError('It has no journal.');
    const head = this.bytes(first.offset, HEAD_WORDS * 4);
    const [end, written] = [head.readInt32LE(END_WORD * 4), head.readInt32LE(WRITTEN_WORD * 4)];
    // The directory is read last: by now it lists everything the journal refers to.
    const words = this.readWords();
    if (end === MOVED || words.generation !== generation) return undefined;
    return { ...words, end, written, slot: 0, sequence: 0 };
  }

  private readWords(): Pick<JournalState, 'generation' | 'blocks'> {
    const words = this.bytes(WORDS, WORDS_BYTES);
    this.heartbeat = words.readDoubleLE(HEARTBEAT_WORD);
    this.isClosed = words.readUInt32LE(CLOSED_WORD) === 1;
    const blocks = words.readUInt32LE(BLOCKS_WORD);
    this.readDirectory(blocks);
    return { generation: words.readUInt32LE(GENERATION_WORD), blocks };
  }

  /** Whether everything read between two states belongs to the first one. */
  private isConsistent(before: JournalState, after: JournalState, journal: JournalCopy): boolean {
    if (before.generation !== after.generation || before.sequence !== after.sequence) return false;
    if (before.sequence > 0) return true;
    // The journal may by now have series whose cells are in a block that has not been read.
    if (after.blocks !== before.blocks) return false;
    for (const _ of this.readJournal(journal, after));
    const { lastHandover } = journal.check;
    return lastHandover < before.end || (lastHandover < before.written && before.end === after.end);
  }

  private apply(
    { end, written, sequence }: JournalState,
    journal: JournalCopy,
    cells: ReadonlyMap<number, Buffer>,
  ): void {
    const { generation, segments } = journal;
    const isNew = this.journal !== journal;
    if (isNew && this.journal !== undefined) setEnds(this.journal.segments[0], MOVED, MOVED);
    this.journal = journal;
    // The first transfer of a generation must be a segment.
    for (; journal.transferred < segments.length; journal.transferred++) {
      this.transfers.push({ kind: 'segment', generation, segment: segments[journal.transferred] });
    }
    for (const [slab, bytes] of cells) {
      const known = this.slabs.get(slab);
      const buffer = known ?? new ArrayBuffer(bytes.length);
      Buffer.from(buffer).set(bytes);
      this.slabs.set(slab, buffer);
      if (isNew || known === undefined) this.transfers.push({ kind: 'slab', generation, slab, buffer });
    }
    setEnds(segments[0], end, written);
    this.sequence = sequence;
    this.isRead = true;
  }

  private journalOf(generation: number): JournalCopy {
    if (this.journal?.generation === generation) return this.journal;
    if (this.next?.generation === generation) return this.next;
    const [entry] = this.segmentsOf(generation);
    if (entry === undefined) throw new BadFileError('It has no journal.');
    const first = new ArrayBuffer(entry.length);
    Buffer.from(first).set(this.bytes(entry.offset, END_WORD * 4));
    const check = new JournalCheck(first, (slab) => {
      const { kind, length } = this.entries[slab] ?? {};
      return kind === BlockKind.CELLS && length !== undefined ? length / Float64Array.BYTES_PER_ELEMENT : undefined;
    });
    this.next = { generation, segments: [first], transferred: 0, read: HEAD_WORDS, words: entry.length / 4, check };
    return this.next;
  }

  private segmentsOf(generation: number): BlockLocation[] {
    return this.entries.filter((entry) => entry.kind === BlockKind.JOURNAL && entry.generation === generation);
  }

  /** Reads new journal records and checks them, step by step. */
  private *readJournal(journal: JournalCopy, { end, written }: JournalState): Generator<void> {
    const entries = this.segmentsOf(journal.generation);
    for (const { length } of entries.slice(journal.segments.length)) {
      const segment = new ArrayBuffer(length);
      journal.segments.push(segment);
      journal.check.add(segment);
      journal.words += length / 4;
    }
    if (written < journal.read || written > journal.words) throw new BadFileError('Its journal has an invalid end.');
    let start = 0;
    entries.forEach(({ offset, length }, i) => {
      const from = Math.max(journal.read * 4 - start, 0);
      const to = Math.min(written * 4 - start, length);
      if (from < to) Buffer.from(journal.segments[i]).set(this.bytes(offset + from, to - from), from);
      start += length;
    });
    journal.read = written;
    yield* journal.check.steps(written, end);
  }

  /** Returns the cells of all slabs, each number intact. Valid until the next call, on any reader. */
  private readCells(slot: number): Map<number, Buffer> {
    const cells = new Map<number, Buffer>();
    let at = 0;
    this.entries.forEach(({ kind, offset, length }, number) => {
      if (kind !== BlockKind.CELLS) return;
      const bytes = scratch.take(0, at, length);
      this.readInto(bytes, offset + slot * length);
      if (this.mode === Mode.MAPPED) this.rereadTorn(bytes, scratch.take(1, at, length), offset);
      cells.set(number, bytes);
      at += length;
    });
    return cells;
  }

  /**
   * Reading many cells at once may tear a number that is being written: half of it is old, half new. Numbers on which
   * two reads agree are intact; the others are read again one by one.
   */
  private rereadTorn(bytes: Buffer, again: Buffer, offset: number): void {
    this.readInto(again, offset);
    if (bytes.equals(again)) return;
    const first = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
    const second = new BigUint64Array(again.buffer, again.byteOffset, again.length / 8);
    for (let i = 0; i < first.length; i++) {
      if (first[i] !== second[i]) this.readInto(bytes.subarray(i * 8, i * 8 + 8), offset + i * 8);
    }
  }

  /** Reads new directory entries. */
  private readDirectory(blocks: number): void {
    if (blocks <= this.entries.length) return;
    if (blocks > MAX_BLOCKS) throw new BadFileError(`It claims to have ${blocks} blocks, more than allowed.`);
    const { size } = fs.fstatSync(this.fd);
    for (let number = this.entries.length; number < blocks; number++) {
      const { part, at } = entryLocation(number);
      const entry = readEntry(this.bytes((this.parts[part] as number) + at, ENTRY_BYTES), 0, this.mode, size);
      if (isLink(number) !== (entry.kind === BlockKind.DIRECTORY)) throw new BadFileError('Its directory is damaged.');
      if (isLink(number)) this.parts.push(entry.offset);
      if (entry.kind === BlockKind.CELLS) this.cellBytes += entry.length;
      // Overlapping blocks would let a small file use up memory.
      if (this.cellBytes > size) throw new BadFileError('Its blocks overlap.');
      this.entries.push(entry);
    }
  }

  private bytes(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    this.readInto(bytes, offset);
    return bytes;
  }

  private readInto(bytes: Buffer, offset: number): void {
    for (let at = 0; at < bytes.length; ) {
      const read = fs.readSync(this.fd, bytes, at, bytes.length - at, offset + at);
      if (read === 0) throw new BadFileError('It is truncated.');
      at += read;
    }
  }
}

/** Sets the end in a copy of a journal. */
function setEnds(first: ArrayBuffer, end: number, written: number): void {
  const head = new Int32Array(first, 0, HEAD_WORDS);
  head[END_WORD] = end;
  head[WRITTEN_WORD] = written;
}

/** Holds cells until they are known to be consistent. */
class Scratch {
  private readonly buffers: [ArrayBuffer, ArrayBuffer] = [new ArrayBuffer(0), new ArrayBuffer(0)];

  take(which: 0 | 1, at: number, length: number): Buffer {
    if (at + length > this.buffers[which].byteLength) {
      // Cells that were read before stay in the old buffer.
      this.buffers[which] = new ArrayBuffer(2 * (at + length));
    }
    return Buffer.from(this.buffers[which], at, length);
  }
}

const scratch = new Scratch();

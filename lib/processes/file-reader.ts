import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { END_WORD, HEAD_WORDS, MOVED, WRITTEN_WORD } from '../replica/layout.js';
import { Mirror } from '../replica/mirror/mirror.js';
import type { MemoryTransfer } from '../replica/thread-memory.js';
import {
  BadFileError,
  BLOCKS_WORD,
  BlockKind,
  CLOSED_WORD,
  ENTRY_BYTES,
  type Entry,
  entryPlace,
  GENERATION_WORD,
  HEARTBEAT_WORD,
  isLink,
  Mode,
  newestCommit,
  PAGE,
  readEntry,
  readHead,
  WORDS,
  WORDS_BYTES,
} from './file-layout.js';
import type { Identity } from './identity.js';
import { JournalCheck } from './journal-check.js';

/** Neither follows a link nor waits for a writer of a pipe. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** How often a file is read again that changes while it is read. */
const ATTEMPTS = 8;

/** Blocks and bytes of a file are bounded, so that a damaged one cannot take all memory. */
const MOST_BLOCKS = 2 ** 18;

/** Where a journal is at one moment. */
interface Moment {
  readonly generation: number;
  readonly blocks: number;
  readonly end: number;
  readonly written: number;
  /** Which place of cells holds them; 0 where there is only one. */
  readonly place: number;
  readonly sequence: number;
}

/** The journal of one generation as it was read so far. */
interface JournalCopy {
  readonly generation: number;
  readonly segments: ArrayBuffer[];
  /** Words in all segments. */
  words: number;
  /** Segments that the mirror has been given. */
  transferred: number;
  /** The words read, over all segments. */
  read: number;
  readonly check: JournalCheck;
}

/**
 * The registry of another process, read from its file. `refresh` copies the cells and reads on in the journal; the mirror
 * then shows both as of one moment, until the next call.
 */
export class FileReader {
  readonly identity: Identity;
  readonly mode: number;
  readonly mirror: Mirror;
  /** When the writer last said that it was alive, in milliseconds since the epoch. */
  heartbeat = 0;
  /** Whether the writer has ended by itself. */
  isClosed = false;
  /** Whether there has been a whole moment. */
  isRead = false;
  private readonly fd: number;
  private readonly transfers: MemoryTransfer[] = [];
  private readonly entries: Entry[] = [];
  /** Where the parts of the directory lie. */
  private readonly parts: number[] = [0];
  private cellBytes = 0;
  private readonly slabs = new Map<number, ArrayBuffer>();
  private journal: JournalCopy | undefined;
  /** The one of the generation that is being read for the first time. */
  private next: JournalCopy | undefined;
  private sequence = 0;

  /** Opens a file. Throws BadFileError, or the error of the file system. */
  constructor(readonly path: string) {
    this.fd = openSync(path, FLAGS);
    try {
      const stat = fstatSync(this.fd);
      if (!stat.isFile()) throw new BadFileError('It is not a regular file.');
      const uid = process.geteuid?.();
      if (uid !== undefined && stat.uid !== uid) throw new BadFileError(`It belongs to user ${stat.uid}.`);
      const { mode, identity } = readHead(this.bytes(0, PAGE));
      this.mode = mode;
      this.identity = identity;
      this.mirror = new Mirror(() => this.transfers.shift());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Reads what is new. Returns false if the file changed too fast to see a moment of it; then everything stays as it was
   * read before. Throws BadFileError.
   */
  refresh(): boolean {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = this.moment();
      if (before === undefined) continue;
      if (this.isRead && before.sequence > 0 && before.sequence === this.sequence) return true;
      const journal = this.journalOf(before.generation);
      this.readJournal(journal, before.written);
      const cells = this.readCells(before.place);
      const after = this.moment();
      if (after === undefined || !this.isSame(before, after, journal)) continue;
      this.take(before, journal, cells);
      return true;
    }
    return false;
  }

  /** Reads a block whole. */
  read(kind: number): Buffer[] {
    return this.entries.filter((entry) => entry.kind === kind).map(({ offset, length }) => this.bytes(offset, length));
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Where the writer is now; undefined while it replaces its journal. */
  private moment(): Moment | undefined {
    if (this.mode === Mode.MAPPED) return this.mappedMoment();
    const commit = newestCommit(this.bytes(0, PAGE));
    if (commit === undefined) throw new BadFileError('It has no state that is whole.');
    const { sequence, generation, blocks, end, written } = commit;
    this.heartbeat = commit.heartbeat;
    this.isClosed = commit.closed;
    this.readDirectory(blocks);
    return { generation, blocks, end, written, sequence, place: this.mode === Mode.BUFFERED ? sequence % 2 : 0 };
  }

  private mappedMoment(): Moment | undefined {
    const { generation } = this.readWords();
    const first = this.entries.find((entry) => entry.kind === BlockKind.JOURNAL && entry.generation === generation);
    if (first === undefined) throw new BadFileError('It has no journal.');
    const head = this.bytes(first.offset, HEAD_WORDS * 4);
    const [end, written] = [head.readInt32LE(END_WORD * 4), head.readInt32LE(WRITTEN_WORD * 4)];
    // Last of all the directory: what the journal names is listed by now.
    const words = this.readWords();
    if (end === MOVED || words.generation !== generation) return undefined;
    return { ...words, end, written, place: 0, sequence: 0 };
  }

  private readWords(): Pick<Moment, 'generation' | 'blocks'> {
    const words = this.bytes(WORDS, WORDS_BYTES);
    this.heartbeat = words.readDoubleLE(HEARTBEAT_WORD);
    this.isClosed = words.readUInt32LE(CLOSED_WORD) === 1;
    const blocks = words.readUInt32LE(BLOCKS_WORD);
    this.readDirectory(blocks);
    return { generation: words.readUInt32LE(GENERATION_WORD), blocks };
  }

  /** Whether what was read between two moments is of the first one. */
  private isSame(before: Moment, after: Moment, journal: JournalCopy): boolean {
    if (before.generation !== after.generation || before.sequence !== after.sequence) return false;
    if (before.sequence > 0) return true;
    // Cells of a block that was not read may belong to series that are known by now.
    if (after.blocks !== before.blocks) return false;
    this.readJournal(journal, after.written);
    const { lastHandover } = journal.check;
    return lastHandover < before.end || (lastHandover < before.written && before.end === after.end);
  }

  private take({ end, written, sequence }: Moment, journal: JournalCopy, cells: ReadonlyMap<number, Buffer>): void {
    const { generation, segments } = journal;
    const isNew = this.journal !== journal;
    if (isNew && this.journal !== undefined) setEnds(this.journal.segments[0], MOVED, MOVED);
    this.journal = journal;
    // The first piece of a generation has to be a segment.
    for (; journal.transferred < segments.length; journal.transferred++) {
      this.transfers.push({ generation, segment: segments[journal.transferred] });
    }
    for (const [slab, bytes] of cells) {
      const known = this.slabs.get(slab);
      const buffer = known ?? new ArrayBuffer(bytes.length);
      Buffer.from(buffer).set(bytes);
      this.slabs.set(slab, buffer);
      if (isNew || known === undefined) this.transfers.push({ generation, slab, buffer });
    }
    setEnds(segments[0], end, written);
    this.sequence = sequence;
    this.isRead = true;
    this.mirror.sync();
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

  private segmentsOf(generation: number): Entry[] {
    return this.entries.filter((entry) => entry.kind === BlockKind.JOURNAL && entry.generation === generation);
  }

  /** Reads on in the journal and checks what is new. */
  private readJournal(journal: JournalCopy, written: number): void {
    const entries = this.segmentsOf(journal.generation);
    for (const { length } of entries.slice(journal.segments.length)) {
      const segment = new ArrayBuffer(length);
      journal.segments.push(segment);
      journal.check.add(segment);
      journal.words += length / 4;
    }
    if (written < journal.read || written > journal.words) throw new BadFileError('Its journal ends elsewhere.');
    let start = 0;
    entries.forEach(({ offset, length }, i) => {
      const from = Math.max(journal.read * 4 - start, 0);
      const to = Math.min(written * 4 - start, length);
      if (from < to) Buffer.from(journal.segments[i]).set(this.bytes(offset + from, to - from), from);
      start += length;
    });
    journal.read = written;
    journal.check.upTo(written);
  }

  /** The cells of all slabs, each number whole. Valid until the next call, of any reader. */
  private readCells(place: number): Map<number, Buffer> {
    const cells = new Map<number, Buffer>();
    let at = 0;
    this.entries.forEach(({ kind, offset, length }, number) => {
      if (kind !== BlockKind.CELLS) return;
      const bytes = scratch.take(0, at, length);
      this.readInto(bytes, offset + place * length);
      if (this.mode === Mode.MAPPED) this.mend(bytes, scratch.take(1, at, length), offset);
      cells.set(number, bytes);
      at += length;
    });
    return cells;
  }

  /**
   * One read of many cells is no atomic operation: a number that is written meanwhile may come out half old and half new.
   * One that two reads agree on is whole, and others are read alone.
   */
  private mend(bytes: Buffer, again: Buffer, offset: number): void {
    this.readInto(again, offset);
    if (bytes.equals(again)) return;
    const first = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
    const second = new BigUint64Array(again.buffer, again.byteOffset, again.length / 8);
    for (let i = 0; i < first.length; i++) {
      if (first[i] !== second[i]) this.readInto(bytes.subarray(i * 8, i * 8 + 8), offset + i * 8);
    }
  }

  /** Reads on in the directory. */
  private readDirectory(blocks: number): void {
    if (blocks <= this.entries.length) return;
    if (blocks > MOST_BLOCKS) throw new BadFileError(`It claims to have ${blocks} blocks.`);
    const { size } = fstatSync(this.fd);
    for (let number = this.entries.length; number < blocks; number++) {
      const { part, at } = entryPlace(number);
      const entry = readEntry(this.bytes((this.parts[part] as number) + at, ENTRY_BYTES), 0, this.mode, size);
      if (isLink(number) !== (entry.kind === BlockKind.DIRECTORY)) throw new BadFileError('Its directory is damaged.');
      if (isLink(number)) this.parts.push(entry.offset);
      if (entry.kind === BlockKind.CELLS) this.cellBytes += entry.length;
      // Blocks that overlap would let a small file claim all memory.
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
      const read = readSync(this.fd, bytes, at, bytes.length - at, offset + at);
      if (read === 0) throw new BadFileError('It ends early.');
      at += read;
    }
  }
}

/** Says in a copy of a journal how far it goes. */
function setEnds(first: ArrayBuffer, end: number, written: number): void {
  const head = new Int32Array(first, 0, HEAD_WORDS);
  head[END_WORD] = end;
  head[WRITTEN_WORD] = written;
}

/** Memory that cells are read into until it is clear that they are of one moment. */
class Scratch {
  private readonly buffers: [ArrayBuffer, ArrayBuffer] = [new ArrayBuffer(0), new ArrayBuffer(0)];

  take(which: 0 | 1, at: number, length: number): Buffer {
    if (at + length > this.buffers[which].byteLength) {
      // What was taken before stays in the memory that it was taken from.
      this.buffers[which] = new ArrayBuffer(2 * (at + length));
    }
    return Buffer.from(this.buffers[which], at, length);
  }
}

const scratch = new Scratch();

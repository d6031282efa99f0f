import { closeSync, fstatSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sharedMemory } from '../store/store.js';
import {
  BLOCKS_WORD,
  BlockKind,
  CLOSED_WORD,
  type Entry,
  entryPlace,
  GENERATION_WORD,
  HEARTBEAT_WORD,
  isLink,
  Mode,
  newHead,
  PAGE,
  WORDS,
  writeEntry,
} from './file-layout.js';
import type { Identity } from './identity.js';
import type { MapFile } from './mapping.js';

/** What a file is called. */
export const fileName = (id: string): string => `${id}.promark`;

/** What a file is called until it is whole enough to be read. */
export const TEMPORARY = '.new-';

/** A block of a file, and the memory that its writer uses. */
export interface Block {
  readonly number: number;
  readonly entry: Entry;
  /** The mapped file, or the memory that is copied to it. */
  readonly memory: ArrayBufferLike;
}

/** Whether a step of writing may go on; tests end the process here, to see what a crash leaves behind. */
export const crashPoint = { reached: (_step: string): void => {} };

const ZEROS = Buffer.alloc(64 * 1024);

/**
 * The file of one process, to which only it writes. Until `publish`, it lies there under a temporary name. All methods throw the
 * errors of the file system.
 */
export class ProcessFile {
  readonly mode: number;
  readonly path: string;
  readonly blocks: Block[] = [];
  /** Its name until it is published. */
  readonly temporary: string;
  private readonly map: MapFile | undefined;
  readonly fd: number;
  private readonly page: Buffer | undefined;
  private size = PAGE;
  private readonly directory: { readonly offset: number; readonly mapped: Buffer | undefined }[] = [];
  /** Entries of the directory. */
  entries = 0;

  constructor(
    folder: string,
    readonly identity: Identity,
    /** Maps the file; `buffered` ones are written by `commit`, and `final` ones by one `commit` only. */
    how: MapFile | 'buffered' | 'final',
  ) {
    const map = typeof how === 'function' ? how : undefined;
    this.map = map;
    this.mode = map !== undefined ? Mode.MAPPED : how === 'final' ? Mode.FINAL : Mode.BUFFERED;
    this.path = join(folder, fileName(identity.id));
    this.temporary = join(folder, TEMPORARY + identity.id);
    this.fd = openSync(this.temporary, 'wx+', 0o600);
    try {
      crashPoint.reached('created');
      writeFully(this.fd, newHead(this.mode, identity), 0);
      crashPoint.reached('head');
      this.page = map && Buffer.from(map(this.fd, 0, PAGE));
      this.directory.push({ offset: 0, mapped: this.page });
    } catch (error) {
      this.remove();
      this.close();
      throw error;
    }
  }

  /** Gives the file its name: from now on it is read. */
  publish(): void {
    crashPoint.reached('complete');
    renameSync(this.temporary, this.path);
    crashPoint.reached('renamed');
  }

  /** Adds a block of zeros. */
  add(kind: number, generation: number, bytes: number): Block {
    if (isLink(this.entries)) this.extendDirectory();
    const unit = this.map === undefined ? 8 : PAGE;
    const entry = { kind, generation, offset: this.size, length: Math.ceil(bytes / unit) * unit };
    // Zeros come before the mapping: storing into a page for which the disk has no room would end the process.
    this.extend(entry.length * (kind === BlockKind.CELLS ? this.places : 1));
    return this.list(entry, this.map?.(this.fd, entry.offset, entry.length) ?? sharedMemory.segment(entry.length));
  }

  /** Adds a block that is copied from memory, of which there was a file before this one. */
  adopt(kind: number, memory: ArrayBufferLike): Block {
    if (isLink(this.entries)) this.extendDirectory();
    const entry = { kind, generation: 0, offset: this.size, length: memory.byteLength };
    this.extend(entry.length * this.places);
    return this.list(entry, memory);
  }

  /** Uses a block of an earlier generation again. Its memory is zeroed. */
  reuse(block: Block, generation: number): Block {
    if (isLink(this.entries)) this.extendDirectory();
    new Uint8Array(block.memory).fill(0);
    return this.list({ ...block.entry, generation }, block.memory);
  }

  /** Lets readers know which generation of the journal is read. Only where the file is mapped. */
  setGeneration(generation: number): void {
    if (this.page !== undefined) storeWord(this.page, WORDS + GENERATION_WORD, generation);
    crashPoint.reached('generation');
  }

  /** Says that the process is alive or, where it is known to end, that it has ended. Only where the file is mapped. */
  setState(heartbeat: number, closed: boolean): void {
    if (this.page === undefined) return;
    this.page.writeDoubleLE(heartbeat, WORDS + HEARTBEAT_WORD);
    storeWord(this.page, WORDS + CLOSED_WORD, closed ? 1 : 0);
  }

  /** Writes bytes of a block, from its beginning or from a place in it. Only where the file is not mapped. */
  write({ entry }: Block, bytes: Uint8Array, at: number): void {
    writeFully(this.fd, bytes, entry.offset + at);
    crashPoint.reached('written');
  }

  /** Whether the file still has its name. */
  get isLinked(): boolean {
    return fstatSync(this.fd).nlink > 0;
  }

  /** Takes the file's name away. */
  remove(): void {
    for (const name of [this.temporary, this.path]) {
      try {
        unlinkSync(name);
      } catch {
        // It has another name, or somebody was faster.
      }
    }
  }

  /** Closes the descriptor. Mappings stay. */
  close(): void {
    closeSync(this.fd);
  }

  /** How many places cells have. */
  private get places(): number {
    return this.mode === Mode.BUFFERED ? 2 : 1;
  }

  private extend(bytes: number): void {
    const end = this.size + Math.ceil(bytes / PAGE) * PAGE;
    for (let at = this.size; at < end; at += ZEROS.length) {
      writeFully(this.fd, ZEROS.subarray(0, Math.min(ZEROS.length, end - at)), at);
    }
    crashPoint.reached('grown');
    this.size = end;
  }

  private list(entry: Entry, memory: ArrayBufferLike): Block {
    const number = this.entries;
    this.writeEntryAt(number, entry);
    crashPoint.reached('listed');
    this.count(number + 1);
    const block = { number, entry, memory };
    this.blocks[number] = block;
    return block;
  }

  private extendDirectory(): void {
    const offset = this.size;
    this.extend(PAGE);
    const mapped = this.map && Buffer.from(this.map(this.fd, offset, PAGE));
    this.directory.push({ offset, mapped });
    this.writeEntryAt(this.entries, { kind: BlockKind.DIRECTORY, generation: 0, offset, length: PAGE });
    this.count(this.entries + 1);
  }

  private writeEntryAt(number: number, entry: Entry): void {
    const { part, at } = entryPlace(number);
    const { offset, mapped } = this.directory[part];
    if (mapped === undefined) writeFully(this.fd, writeEntry(entry), offset + at);
    else writeEntry(entry).copy(mapped, at);
  }

  private count(entries: number): void {
    this.entries = entries;
    if (this.page !== undefined) storeWord(this.page, WORDS + BLOCKS_WORD, entries);
  }
}

/** Stores a word so that everything that was stored before is seen before it, on any processor. */
function storeWord(page: Buffer, at: number, value: number): void {
  Atomics.exchange(new Int32Array(page.buffer, page.byteOffset + at, 1), 0, value);
}

/** Writes all of the bytes. */
export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}

import { builtin } from '../model/load-at-runtime.js';
import { sharedMemory } from '../store/store.js';
import {
  BLOCKS_WORD,
  BlockKind,
  type BlockLocation,
  CLOSED_WORD,
  entryLocation,
  GENERATION_WORD,
  HEARTBEAT_WORD,
  isLink,
  Mode,
  newHeader,
  PAGE,
  WORDS,
  writeEntry,
} from './file-format.js';
import type { Identity } from './identity.js';
import type { MapFile } from './mapping.js';

const fs = builtin('node:fs');
const join = builtin('node:path').join;
/** Returns the name of a file. */
export const fileName = (id: string): string => `${id}.promark`;

/** Prefix of a file's name until it is ready to be read. */
export const TEMPORARY = '.new-';

/** A block of a file, and the memory that its writer uses. */
export interface Block {
  readonly number: number;
  readonly entry: BlockLocation;
  /** The mapped file, or the memory copied to it. */
  readonly memory: ArrayBufferLike;
}

/** Called between steps of writing; tests end the process here to see what a crash leaves behind. */
export const crashPoint = { reached: (_step: string): void => {} };

const ZEROS = Buffer.alloc(64 * 1024);

/**
 * The file of one process, which is its only writer. Until `publish`, the file has a temporary name. All methods throw
 * the errors of the file system.
 */
export class ProcessFile {
  readonly mode: number;
  readonly path: string;
  /** Its path before it is published. */
  readonly temporaryPath: string;
  private readonly map: MapFile | undefined;
  readonly fd: number;
  private readonly page: Buffer | undefined;
  private size = PAGE;
  private readonly directory: { readonly offset: number; readonly mapped: Buffer | undefined }[] = [];
  /** Number of directory entries. */
  entries = 0;

  constructor(
    folder: string,
    readonly identity: Identity,
    /** Maps the file. A `buffered` file is written by commits, a `final` one by a single commit. */
    mapOrMode: MapFile | 'buffered' | 'final',
  ) {
    const map = typeof mapOrMode === 'function' ? mapOrMode : undefined;
    this.map = map;
    this.mode = map !== undefined ? Mode.MAPPED : mapOrMode === 'final' ? Mode.FINAL : Mode.BUFFERED;
    this.path = join(folder, fileName(identity.id));
    this.temporaryPath = join(folder, TEMPORARY + identity.id);
    this.fd = fs.openSync(this.temporaryPath, 'wx+', 0o600);
    try {
      crashPoint.reached('created');
      writeFully(this.fd, newHeader(this.mode, identity), 0);
      crashPoint.reached('head');
      this.page = map && Buffer.from(map(this.fd, 0, PAGE));
      this.directory.push({ offset: 0, mapped: this.page });
    } catch (error) {
      this.remove();
      this.close();
      throw error;
    }
  }

  /** Gives the file its final name; from then on, others read it. */
  publish(): void {
    crashPoint.reached('complete');
    fs.renameSync(this.temporaryPath, this.path);
    crashPoint.reached('renamed');
  }

  /** Adds a block of zeros. */
  add(kind: number, generation: number, bytes: number): Block {
    if (isLink(this.entries)) this.extendDirectory();
    const unit = this.map === undefined ? 8 : PAGE;
    const entry = { kind, generation, offset: this.size, length: Math.ceil(bytes / unit) * unit };
    // Zeros are written before mapping: a store to a page for which the disk has no room would end the process.
    this.extend(entry.length * (kind === BlockKind.CELLS ? this.slots : 1));
    return this.addEntry(entry, this.map?.(this.fd, entry.offset, entry.length) ?? sharedMemory.segment(entry.length));
  }

  /** Adds a block for memory that belonged to an earlier file. */
  adopt(kind: number, memory: ArrayBufferLike): Block {
    if (isLink(this.entries)) this.extendDirectory();
    const entry = { kind, generation: 0, offset: this.size, length: memory.byteLength };
    this.extend(entry.length * this.slots);
    return this.addEntry(entry, memory);
  }

  /** Reuses a block of an earlier generation, and zeroes its memory. */
  reuse(block: Block, generation: number): Block {
    if (isLink(this.entries)) this.extendDirectory();
    new Uint8Array(block.memory).fill(0);
    return this.addEntry({ ...block.entry, generation }, block.memory);
  }

  /** Sets the generation of the journal that readers use. Only for mapped files. */
  setGeneration(generation: number): void {
    if (this.page !== undefined) storeWord(this.page, WORDS + GENERATION_WORD, generation);
    crashPoint.reached('generation');
  }

  /** Writes a heartbeat and, at the end, that the process has ended. Only for mapped files. */
  setState(heartbeat: number, closed: boolean): void {
    if (this.page === undefined) return;
    this.page.writeDoubleLE(heartbeat, WORDS + HEARTBEAT_WORD);
    storeWord(this.page, WORDS + CLOSED_WORD, closed ? 1 : 0);
  }

  /** Writes to a block, at an offset within it. Only for files that are not mapped. */
  write({ entry }: Block, bytes: Uint8Array, at: number): void {
    writeFully(this.fd, bytes, entry.offset + at);
    crashPoint.reached('written');
  }

  /** Whether the file still has a name: it may have been removed. */
  get isLinked(): boolean {
    return fs.fstatSync(this.fd).nlink > 0;
  }

  /** Removes the file; the descriptor stays open. */
  remove(): void {
    for (const path of [this.temporaryPath, this.path]) removeFile(path);
  }

  /** Closes the descriptor. Mappings stay valid. */
  close(): void {
    fs.closeSync(this.fd);
  }

  /** Number of slots for cells. */
  private get slots(): number {
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

  private addEntry(entry: BlockLocation, memory: ArrayBufferLike): Block {
    const number = this.entries;
    this.writeEntryAt(number, entry);
    crashPoint.reached('listed');
    this.setEntryCount(number + 1);
    return { number, entry, memory };
  }

  private extendDirectory(): void {
    const offset = this.size;
    this.extend(PAGE);
    const mapped = this.map && Buffer.from(this.map(this.fd, offset, PAGE));
    this.directory.push({ offset, mapped });
    this.writeEntryAt(this.entries, { kind: BlockKind.DIRECTORY, generation: 0, offset, length: PAGE });
    this.setEntryCount(this.entries + 1);
  }

  private writeEntryAt(number: number, entry: BlockLocation): void {
    const { part, at } = entryLocation(number);
    const { offset, mapped } = this.directory[part];
    if (mapped === undefined) writeFully(this.fd, writeEntry(entry), offset + at);
    else writeEntry(entry).copy(mapped, at);
  }

  private setEntryCount(entries: number): void {
    this.entries = entries;
    if (this.page !== undefined) storeWord(this.page, WORDS + BLOCKS_WORD, entries);
  }
}

/** Stores a word so that, on any processor, earlier stores are visible before it. */
function storeWord(page: Buffer, at: number, value: number): void {
  Atomics.exchange(new Int32Array(page.buffer, page.byteOffset + at, 1), 0, value);
}

/** Removes a file, if it exists and can be removed. */
export function removeFile(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // Already removed, for example by another process, or a folder.
  }
}

/** Writes all bytes; a single write may be partial. */
export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at, bytes.length - at, position + at);
}

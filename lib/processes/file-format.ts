import { PromarkError } from '../model/errors.js';
import { checksum } from '../replica/journal-format.js';
import type { Identity } from './identity.js';

/**
 * File format: one page with a header, then blocks of journal and cells. Numbers are little-endian.
 *
 * The header identifies the writer and never changes. In a mapped file, the words after it hold the journal's
 * generation and the number of blocks; each is updated by a single aligned store. In a buffered file, which is copied
 * from memory, cells have two slots that are used alternately, and so does the commit that refers to them: readers use
 * the newer intact commit, whose data has not been overwritten since. Blocks are listed in a directory that only grows.
 */
export const PAGE = 4096;

/** How the contents of a file are updated. */
export const Mode = {
  /** By the program's own stores to memory. */
  MAPPED: 1,
  /** Periodically, from a copy. */
  BUFFERED: 2,
  /** Never. */
  FINAL: 3,
} as const;

/** The contents of a block. */
export const BlockKind = { JOURNAL: 1, CELLS: 2, DIRECTORY: 3, ABSORBED: 4 } as const;

/** Thrown for a file that must be excluded from pages. The message gives the reason. */
export class BadFileError extends PromarkError {
  override name = 'BadFileError';
}

const MAGIC = 0x464d5250; // "PRMF"
const VERSION = 1;
const BYTE_ORDER = 0x01020304;

/** Header words: magic, version, byte order, mode, and the length and checksum of the description that follows. */
const DESCRIPTION = 28;
/** The offset of the words that change. */
export const WORDS = 2048;
/** Offsets from WORDS. The heartbeat is a double. */
export const GENERATION_WORD = 0;
export const BLOCKS_WORD = 4;
export const CLOSED_WORD = 8;
export const HEARTBEAT_WORD = 16;
export const WORDS_BYTES = 32;
const COMMITS = 2560;
const COMMIT_BYTES = 64;
const DIRECTORY = 3072;
export const ENTRY_BYTES = 32;
/** Number of directory entries in the first page. */
const FIRST_ENTRIES = (PAGE - DIRECTORY) / ENTRY_BYTES;
const NEXT_ENTRIES = PAGE / ENTRY_BYTES;

/** The location of a block. Cells of a buffered file have a second slot, right after the first. */
export interface BlockLocation {
  readonly kind: number;
  /** Of a journal block; 0 for cells. */
  readonly generation: number;
  readonly offset: number;
  /** Length in bytes, excluding the second slot. */
  readonly length: number;
}

/** A consistent state of a buffered file. */
export interface Commit {
  readonly sequence: number;
  readonly generation: number;
  readonly blocks: number;
  /** The end of the journal, in words. */
  readonly end: number;
  readonly written: number;
  /** Whether the writer has ended cleanly. */
  readonly closed: boolean;
  readonly heartbeat: number;
}

/** Returns the first page of a new file. */
export function newHeader(mode: number, identity: Identity): Buffer {
  const page = Buffer.alloc(PAGE);
  const description = Buffer.from(JSON.stringify(identity));
  if (DESCRIPTION + description.length > WORDS) throw new PromarkError('The description of a process is too long.');
  for (const [i, word] of [MAGIC, VERSION, BYTE_ORDER, mode, description.length].entries())
    page.writeUInt32LE(word, i * 4);
  page.writeUInt32LE(checksum(description, 0, description.length), 20);
  description.copy(page, DESCRIPTION);
  return page;
}

/** Parses the constant part of a first page. Throws BadFileError. */
export function readHeader(page: Buffer): { readonly mode: number; readonly identity: Identity } {
  if (page.length < PAGE) throw new BadFileError(`It has ${page.length} bytes, but the header alone takes ${PAGE}.`);
  const word = (at: number) => page.readUInt32LE(at * 4);
  if (word(0) !== MAGIC) throw new BadFileError('It is not a promark file.');
  if (word(2) !== BYTE_ORDER) throw new BadFileError('It has a different byte order.');
  if (word(1) !== VERSION) {
    throw new BadFileError(`It has format version ${word(1)}, but this copy of promark reads version ${VERSION}.`);
  }
  const mode = word(3);
  if (mode !== Mode.MAPPED && mode !== Mode.BUFFERED && mode !== Mode.FINAL) {
    throw new BadFileError(`It has an unknown mode, ${mode}.`);
  }
  const end = DESCRIPTION + word(4);
  if (end > WORDS || checksum(page, DESCRIPTION, end) !== word(5)) throw new BadFileError('Its header is damaged.');
  return { mode, identity: parseIdentity(page.toString('utf8', DESCRIPTION, end)) };
}

function parseIdentity(text: string): Identity {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const header = (parsed ?? {}) as Record<string, unknown>;
  const { id, boot, pidNamespace, pid, tid, startTicks, uid, startedAt, replaces } = header;
  const isValid =
    typeof id === 'string' &&
    typeof boot === 'string' &&
    typeof startTicks === 'string' &&
    [pidNamespace, pid, tid, uid, startedAt].every(Number.isFinite) &&
    (replaces === undefined || typeof replaces === 'string');
  if (!isValid) throw new BadFileError('Its header does not describe a process.');
  return header as unknown as Identity;
}

/** Locates a directory entry: in the first page, or in a later part of the directory. */
export function entryLocation(number: number): { readonly part: number; readonly at: number } {
  if (number < FIRST_ENTRIES) return { part: 0, at: DIRECTORY + number * ENTRY_BYTES };
  const rest = number - FIRST_ENTRIES;
  return { part: 1 + Math.floor(rest / NEXT_ENTRIES), at: (rest % NEXT_ENTRIES) * ENTRY_BYTES };
}

/** Whether an entry is the last of its part and points to the next part. */
export function isLink(number: number): boolean {
  return (
    number === FIRST_ENTRIES - 1 ||
    (number >= FIRST_ENTRIES && (number - FIRST_ENTRIES) % NEXT_ENTRIES === NEXT_ENTRIES - 1)
  );
}

export function writeEntry({ kind, generation, offset, length }: BlockLocation): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(generation, 4);
  bytes.writeDoubleLE(offset, 8);
  bytes.writeDoubleLE(length, 16);
  bytes.writeUInt32LE(checksum(bytes, 0, 24), 24);
  return bytes;
}

/** Reads an entry and checks that its block lies within a file of `size` bytes. Throws BadFileError. */
export function readEntry(bytes: Buffer, at: number, mode: number, size: number): BlockLocation {
  if (checksum(bytes, at, at + 24) !== bytes.readUInt32LE(at + 24)) throw new BadFileError('Its directory is damaged.');
  const kind = bytes.readUInt32LE(at);
  const entry = {
    kind,
    generation: bytes.readUInt32LE(at + 4),
    offset: bytes.readDoubleLE(at + 8),
    length: bytes.readDoubleLE(at + 16),
  };
  const slots = kind === BlockKind.CELLS && mode === Mode.BUFFERED ? 2 : 1;
  const whole = Number.isSafeInteger(entry.offset) && Number.isSafeInteger(entry.length);
  const inside = whole && entry.offset >= PAGE && entry.length > 0 && entry.offset + slots * entry.length <= size;
  if (!inside || entry.offset % 8 !== 0 || entry.length % 8 !== 0)
    throw new BadFileError('One of its blocks is out of bounds.');
  return entry;
}

/** Returns the offset of the commit with a sequence number. Its two slots are used alternately. */
export function commitOffset(sequence: number): number {
  return COMMITS + (sequence % 2) * COMMIT_BYTES;
}

export function writeCommit(commit: Commit): Buffer {
  const bytes = Buffer.alloc(COMMIT_BYTES);
  const { sequence, generation, blocks, end, written, closed } = commit;
  const words = [sequence, generation, blocks, end, written, closed ? 1 : 0];
  for (const [i, word] of words.entries()) bytes.writeInt32LE(word, i * 4);
  bytes.writeDoubleLE(commit.heartbeat, 24);
  bytes.writeUInt32LE(checksum(bytes, 0, 32), 32);
  return bytes;
}

/** Returns the newer intact commit, or undefined if there is none. */
export function newestCommit(page: Buffer): Commit | undefined {
  const commits = [0, 1].flatMap((slot) => {
    const at = commitOffset(slot);
    if (checksum(page, at, at + 32) !== page.readUInt32LE(at + 32)) return [];
    const word = (i: number) => page.readInt32LE(at + i * 4);
    const heartbeat = page.readDoubleLE(at + 24);
    const [sequence, generation, blocks, end, written, closed] = [0, 1, 2, 3, 4, 5].map(word);
    return [{ sequence, generation, blocks, end, written, closed: closed === 1, heartbeat }];
  });
  return commits.sort((a, b) => b.sequence - a.sequence).find(({ sequence }) => sequence > 0);
}

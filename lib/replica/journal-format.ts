import type { PageSettings } from '../formats/page-renderer.js';
import type { FamilySnapshot } from '../model/family.js';

/**
 * Format of a journal, in memory and in files. A journal is a chain of segments. The first segment starts with a header
 * of four words (32 bits, little-endian): MAGIC, VERSION, the end, and how much has been written. Records follow; one
 * that does not fit in the rest of a segment starts the next segment. The last two words of the header are positions,
 * counted in words across all segments. Records before the end describe completed turns of the program's event loop.
 * Those after it belong to the current turn: KEPT takes effect immediately, the others once the end has passed them or
 * the program has ended. Readers that do not wait for long turns apply those that add families and series immediately.
 * A record consists of one word with the length of its body in bytes, one word with the body's checksum, and the body,
 * padded to whole words.
 */
export const MAGIC = 0x4a4d5250; // "PRMJ"

/** Incremented when older readers could no longer parse the journal. */
export const VERSION = 1;

export const MAGIC_WORD = 0;
export const VERSION_WORD = 1;
export const END_WORD = 2;
export const WRITTEN_WORD = 3;

export const HEAD_WORDS = 4;
/** Length and checksum of a record. */
export const FRAME_WORDS = 2;

/** Replaces a length: the rest of the segment is unused. */
export const SKIP = 0xffffffff;

/** Replaces the end: the journal has been rewritten elsewhere, and this copy is out of date. */
export const MOVED = -1;

/** Kinds of records. Numbers are never reused. */
export const Kind = {
  FAMILY: 1,
  BLOCK: 2,
  SERIES: 3,
  REMOVED: 5,
  PART: 6,
  SHOWN: 7,
  HIDDEN: 8,
  SETTINGS: 9,
  SNAPSHOT: 10,
  EXEMPLAR: 11,
  KEPT: 12,
  METHOD: 13,
  RUN: 14,
} as const;

/** Replaces a family's number: the record applies to all families. */
export const EVERYTHING = -1;

/** Replaces a method's order: the method no longer records in the family. */
export const NO_METHOD = -1;

/** FNV-1a. Detects torn records; no protection against forgery. */
export function checksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = BASIS;
  for (let i = from; i < to; i++) sum = Math.imul(sum ^ bytes[i], PRIME);
  return sum >>> 0;
}

/**
 * Copies a body and returns its checksum. One loop does both, byte by byte: bodies are short, so a call into native
 * code would take longer, and a starting server runs the loop for a while before it is compiled.
 */
export function copySummed(body: Uint8Array, length: number, into: Uint8Array, at: number): number {
  let sum = BASIS;
  for (let i = 0; i < length; i++) {
    const byte = body[i];
    into[at + i] = byte;
    sum = Math.imul(sum ^ byte, PRIME);
  }
  return sum >>> 0;
}

const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Converts a snapshot to plain data. JSON has no NaN, infinities or negative zero, so values are written as strings.
 */
export function snapshotToData(snapshot: FamilySnapshot): unknown {
  const samples = snapshot.samples.map((sample) => ({ ...sample, value: numberToString(sample.value) }));
  return { ...snapshot, samples };
}

export function snapshotFromData(data: unknown): FamilySnapshot {
  const snapshot = data as FamilySnapshot;
  return { ...snapshot, samples: snapshot.samples.map((sample) => ({ ...sample, value: Number(sample.value) })) };
}

function numberToString(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Settings that apply to all pages of a registry, as recorded in its journal. */
export interface MirrorSettings extends PageSettings {
  /** Nanoseconds on the clock shared by all threads (`process.hrtime`) when the writer's `performance.now()` was 0. */
  readonly clockOrigin: number;
}

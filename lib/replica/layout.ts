import type { PageSettings } from '../formats/page-renderer.js';
import type { FamilySnapshot } from '../model/family.js';

/**
 * The form of a journal, in memory and in files. It is a chain of segments. The first begins with a head of four words
 * (32 bits, little-endian): MAGIC, VERSION, the end, how far it is written. Records follow, and go on at the beginning of
 * the next segment where one has no room for another. The last two words of the head are positions, counted in words over
 * all segments. Up to the end, records say what whole turns of the program's event loop have done. Those from there on are
 * of the present turn: only KEPT is to be heeded at once, the others when the end has passed them, or while the program is
 * stuck in that turn. A record is a word with the length of its body in bytes, a word with the body's checksum, and the
 * body, filled up to whole words.
 */
export const MAGIC = 0x4a4d5250; // "PRMJ"

/** Raised when an older reader could no longer make sense of what is written. */
export const VERSION = 1;

export const MAGIC_WORD = 0;
export const VERSION_WORD = 1;
export const END_WORD = 2;
export const WRITTEN_WORD = 3;

export const HEAD_WORDS = 4;
/** Length and checksum of a record. */
export const FRAME_WORDS = 2;

/** In place of a length: the rest of the segment is unused. */
export const SKIP = 0xffffffff;

/** In place of the end: everything was written anew in another journal, and this one is out of date. */
export const MOVED = -1;

/** What a record says. Numbers are never used for something else. */
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
} as const;

/** In place of a family's number: what a record says concerns all of them. */
export const EVERYTHING = -1;

/** In place of a method's order: it does not record in the family any more. */
export const NO_METHOD = -1;

/** FNV-1a. Detects a torn record, and is no protection against forgery. */
export function checksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = BASIS;
  for (let i = from; i < to; i++) sum = Math.imul(sum ^ bytes[i], PRIME);
  return sum >>> 0;
}

/**
 * Copies a body and gives its checksum. Both in one loop, byte by byte: bodies are short, so that a call out of JavaScript
 * would take longer, and when a server starts the loop runs for a while before it is compiled.
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

/** A snapshot as plain data. JSON has no NaN, no infinities and no negative zero, so values are written as strings. */
export function snapshotToData(snapshot: FamilySnapshot): unknown {
  const samples = snapshot.samples.map((sample) => ({ ...sample, value: textOf(sample.value) }));
  return { ...snapshot, samples };
}

export function snapshotFromData(data: unknown): FamilySnapshot {
  const snapshot = data as FamilySnapshot;
  return { ...snapshot, samples: snapshot.samples.map((sample) => ({ ...sample, value: Number(sample.value) })) };
}

function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** What pages of a registry have in common, as its journal says it. */
export interface MirrorSettings extends PageSettings {
  /** Nanoseconds on the clock of all threads (`process.hrtime`) at which the writer's `performance.now()` was 0. */
  readonly clockOrigin: number;
}

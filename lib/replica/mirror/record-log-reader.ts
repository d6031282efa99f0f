import { PromarkError } from '../../model/errors.js';
import {
  checksum,
  END_WORD,
  FRAME_WORDS,
  HEAD_WORDS,
  MAGIC,
  MAGIC_WORD,
  SKIP,
  VERSION,
  VERSION_WORD,
  WRITTEN_WORD,
} from '../journal-format.js';

/** Reads the records of a journal as they are written. */
export class RecordLogReader {
  private readonly head: Int32Array;
  private readonly segments: Segment[] = [];
  /** Words in all segments. */
  private words = 0;
  private segment = 0;
  private readonly following = new RecordReader();
  private readonly random = new RecordReader();
  /** The next word to read in the current segment. */
  private at = HEAD_WORDS;

  /** Takes the first segment. Throws a PromarkError if it is not a journal or has an unknown version. */
  constructor(first: ArrayBufferLike) {
    this.head = new Int32Array(first, 0, Math.min(HEAD_WORDS, Math.floor(first.byteLength / 4)));
    if (this.head[MAGIC_WORD] !== MAGIC) throw new PromarkError('Not a promark journal.');
    const version = this.head[VERSION_WORD];
    if (version !== VERSION) {
      throw new PromarkError(
        `The journal has format version ${version}, but this copy of promark reads version ${VERSION}. ` +
          'Use the same release of promark in the program that writes it and the one that reads it.',
      );
    }
    this.add(first);
  }

  /** Adds the next segment. */
  add(segment: ArrayBufferLike): void {
    const start = this.words;
    const words = new Uint32Array(segment, 0, Math.floor(segment.byteLength / 4));
    this.segments.push({ start, words, bytes: Buffer.from(segment) });
    this.words += words.length;
  }

  /**
   * The current end of the journal in words, or MOVED if it is out of date. Nothing read before this call, including
   * cells, can be newer than the journal up to this end.
   */
  end(): number {
    // An exchange rather than a load: on some processors, earlier reads of cells could be reordered after a load.
    return Atomics.or(this.head, END_WORD, 0);
  }

  /** How much of the journal is written, in words. If read after `end`, it is at least as large. */
  written(): number {
    return Atomics.or(this.head, WRITTEN_WORD, 0);
  }

  /**
   * Returns the next record before `end`, or undefined if there is none yet. An incomplete record, which a crash of the
   * machine can leave in a file, ends the journal. The returned reader is reused for the next record.
   */
  next(end: number): RecordReader | undefined {
    while (this.segment < this.segments.length) {
      const { start, words, bytes } = this.segments[this.segment];
      const { at } = this;
      if (start + at >= end) return undefined;
      if (at >= words.length || words[at] === SKIP) {
        this.segment += 1;
        this.at = 0;
        continue;
      }
      const length = words[at];
      const next = at + FRAME_WORDS + Math.ceil(length / 4);
      if (length === 0 || next > words.length || start + next > end) return undefined;
      const from = (at + FRAME_WORDS) * 4;
      if (words[at + 1] !== checksum(bytes, from, from + length)) return undefined;
      this.at = next;
      return this.following.begin(start + at, bytes, from, from + length);
    }
    return undefined;
  }

  /** Goes back to a record returned by `next`, which returns it again. */
  goBack(position: number): void {
    this.segment = this.segments.indexOf(this.segmentAt(position));
    this.at = position - this.segments[this.segment].start;
  }

  /** How far records have been read, in words. */
  get position(): number {
    return (this.segments[this.segment]?.start ?? this.words) + this.at;
  }

  /** Returns the record at a position reported by `next`. The returned reader is reused by the next call. */
  record(position: number): RecordReader {
    const { start, words, bytes } = this.segmentAt(position);
    const at = position - start;
    const from = (at + FRAME_WORDS) * 4;
    return this.random.begin(position, bytes, from, from + words[at]);
  }

  private segmentAt(position: number): Segment {
    let index = this.segments.length - 1;
    while (index > 0 && this.segments[index].start > position) index -= 1;
    return this.segments[index];
  }
}

interface Segment {
  /** Words in all earlier segments. */
  readonly start: number;
  readonly words: Uint32Array;
  readonly bytes: Buffer;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Reads the fields of a record's body, in the order in which they were written. */
export class RecordReader {
  /** Position of the record in the journal. */
  position = 0;
  private bytes = NOTHING;
  private from = 0;
  private to = 0;
  private at = 0;

  /** Starts reading a record whose body is in `bytes`, from `from` (inclusive) to `to` (exclusive). */
  begin(position: number, bytes: Buffer, from: number, to: number): this {
    this.position = position;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.at = from;
    return this;
  }

  /** Goes back to the start of the body. */
  rewind(): this {
    this.at = this.from;
    return this;
  }

  /** Whether there is more to read. */
  get more(): boolean {
    return this.at < this.to;
  }

  int(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float(): number {
    return this.bytes.readDoubleLE(this.skip(8));
  }

  string(): string {
    const length = this.unsigned();
    const from = this.skip(length);
    return decodeString(this.bytes, from, from + length);
  }

  /** Skips a string. */
  skipString(): void {
    this.skip(this.unsigned());
  }

  /** Skips some bytes and returns where they start. Throws a PromarkError if the record is too short. */
  private skip(length: number): number {
    const from = this.at;
    if (length > this.to - from) throw truncated();
    this.at = from + length;
    return from;
  }

  private unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      if (this.at >= this.to) throw truncated();
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}

/** A cache of recent strings, by a hash of their bytes: most label values occur once in every thread. */
const recentStrings: string[] = new Array<string>(4096).fill('');

/** Longer strings are rarely label values. */
const MAX_CACHED_LENGTH = 64;

/** Decodes UTF-8 bytes. A short ASCII string is taken from the cache if it is there. */
function decodeString(bytes: Buffer, from: number, to: number): string {
  const length = to - from;
  if (length > MAX_CACHED_LENGTH) return bytes.toString('utf8', from, to);
  let hash = length;
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte > 0x7f) return bytes.toString('utf8', from, to);
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const slot = (hash ^ (hash >>> 13)) & (recentStrings.length - 1);
  const known = recentStrings[slot];
  if (known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === bytes[from + i]) i++;
    if (i === length) return known;
  }
  const text = bytes.toString('latin1', from, to);
  recentStrings[slot] = text;
  return text;
}

function truncated(): PromarkError {
  return new PromarkError('A record of the journal is truncated.');
}

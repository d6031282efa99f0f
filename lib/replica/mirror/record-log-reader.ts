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
} from '../layout.js';

/** Reads the records of a journal as they come. */
export class RecordLogReader {
  private readonly head: Int32Array;
  private readonly segments: Segment[] = [];
  /** Words in all segments. */
  private words = 0;
  private segment = 0;
  private readonly following = new RecordReader();
  private readonly sought = new RecordReader();
  /** The next word to read, in the segment. */
  private at = HEAD_WORDS;

  /** Takes the first segment. Throws PromarkError for what is no journal or one of an unknown version. */
  constructor(first: ArrayBufferLike) {
    this.head = new Int32Array(first, 0, Math.min(HEAD_WORDS, Math.floor(first.byteLength / 4)));
    if (this.head[MAGIC_WORD] !== MAGIC) throw new PromarkError('This is not a journal of promark.');
    const version = this.head[VERSION_WORD];
    if (version !== VERSION) {
      throw new PromarkError(
        `The journal has format version ${version}, and this copy of promark reads version ${VERSION}. ` +
          'Let the program that writes and the one that reads use the same release of promark.',
      );
    }
    this.add(first);
  }

  /** Takes the next segment. */
  add(segment: ArrayBufferLike): void {
    const start = this.words;
    const words = new Uint32Array(segment, 0, Math.floor(segment.byteLength / 4));
    this.segments.push({ start, words, bytes: Buffer.from(segment) });
    this.words += words.length;
  }

  /**
   * How far the journal goes at this moment, in words; MOVED where it is out of date. Nothing that is read before the
   * call, from cells either, can be newer than what the journal said by then.
   */
  end(): number {
    // An exchange and not a load, which would let reads of cells before it slip behind it on some processors.
    return Atomics.or(this.head, END_WORD, 0);
  }

  /** How far the journal is written. Asked after `end`, it is no less. */
  written(): number {
    return Atomics.or(this.head, WRITTEN_WORD, 0);
  }

  /**
   * The next record before `end`, or undefined where there is none yet. A record that is not whole, as a crash of the
   * machine may leave it in a file, ends the journal. What is returned is used again for the record after it.
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

  /** Goes back to a record that `next` gave: it is the next one again. */
  goBack(position: number): void {
    this.segment = this.segments.indexOf(this.segmentAt(position));
    this.at = position - this.segments[this.segment].start;
  }

  /** How far the records have been read, in words. */
  get position(): number {
    return (this.segments[this.segment]?.start ?? this.words) + this.at;
  }

  /** The record at a position that `next` gave. What is returned is used again for the next call. */
  record(position: number): RecordReader {
    const { start, words, bytes } = this.segmentAt(position);
    const at = position - start;
    const from = (at + FRAME_WORDS) * 4;
    return this.sought.begin(position, bytes, from, from + words[at]);
  }

  private segmentAt(position: number): Segment {
    let index = this.segments.length - 1;
    while (index > 0 && this.segments[index].start > position) index -= 1;
    return this.segments[index];
  }
}

interface Segment {
  /** Words in all segments before it. */
  readonly start: number;
  readonly words: Uint32Array;
  readonly bytes: Buffer;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Takes the body of a record apart, in the order in which it was put together. */
export class RecordReader {
  /** Where in the journal the record is. */
  position = 0;
  private bytes = NOTHING;
  private from = 0;
  private to = 0;
  private at = 0;

  /** Turns to a record whose body is in `bytes` from `from` up to, not including, `to`. */
  begin(position: number, bytes: Buffer, from: number, to: number): this {
    this.position = position;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.at = from;
    return this;
  }

  /** Goes back to the beginning. */
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

  text(): string {
    const length = this.unsigned();
    const from = this.skip(length);
    return textOf(this.bytes, from, from + length);
  }

  /** Skips a string. */
  skipText(): void {
    this.skip(this.unsigned());
  }

  /** Passes over some bytes, and returns where they begin. Throws PromarkError if the record has not as many. */
  private skip(length: number): number {
    const from = this.at;
    if (length > this.to - from) throw endsEarly();
    this.at = from + length;
    return from;
  }

  private unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      if (this.at >= this.to) throw endsEarly();
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}

/** Strings that were read last, each at a place that its bytes give: most label values come once for every thread. */
const recent: string[] = new Array<string>(4096).fill('');

/** Longer strings are seldom label values. */
const LONGEST_KEPT = 64;

/** The string in UTF-8 bytes. That of short plain ones is not made again where it is known. */
function textOf(bytes: Buffer, from: number, to: number): string {
  const length = to - from;
  if (length > LONGEST_KEPT) return bytes.toString('utf8', from, to);
  let hash = length;
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte > 0x7f) return bytes.toString('utf8', from, to);
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const place = (hash ^ (hash >>> 13)) & (recent.length - 1);
  const known = recent[place];
  if (known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === bytes[from + i]) i++;
    if (i === length) return known;
  }
  const text = bytes.toString('latin1', from, to);
  recent[place] = text;
  return text;
}

function endsEarly(): PromarkError {
  return new PromarkError('A record of the journal ends early.');
}

import {
  copySummed,
  END_WORD,
  FRAME_WORDS,
  HEAD_WORDS,
  MAGIC,
  MAGIC_WORD,
  MOVED,
  SKIP,
  VERSION,
  VERSION_WORD,
} from '../layout.js';
import type { RecordWriter } from './record-writer.js';

const FIRST_BYTES = 16 * 1024;
const MOST_BYTES = 1024 * 1024;

/** Makes the memory of a segment. It is all 0. */
export type MakeSegment = (bytes: number) => ArrayBufferLike;

/** Writes records one behind the other into segments. A reader sees a record whole or not at all. */
export class RecordLog {
  private readonly head: Int32Array;
  private words: Uint32Array;
  private bytes: Buffer;
  /** The next word to write in the newest segment. */
  private at = HEAD_WORDS;
  /** Words in all older segments. */
  private before = 0;

  constructor(private readonly makeSegment: MakeSegment) {
    const first = makeSegment(FIRST_BYTES);
    this.head = new Int32Array(first, 0, HEAD_WORDS);
    this.words = new Uint32Array(first);
    this.bytes = Buffer.from(first);
    this.head[MAGIC_WORD] = MAGIC;
    this.head[VERSION_WORD] = VERSION;
    this.publish(HEAD_WORDS);
  }

  /** Bytes written. */
  get length(): number {
    return (this.before + this.at) * 4;
  }

  /** Appends a record; tells how many bytes it took. */
  append({ bytes: body, length }: RecordWriter): number {
    const words = FRAME_WORDS + Math.ceil(length / 4);
    if (this.at + words > this.words.length) this.turnOver(words);
    const { at } = this;
    this.words[at] = length;
    this.words[at + 1] = copySummed(body, length, this.bytes, (at + FRAME_WORDS) * 4);
    this.at += words;
    this.publish(this.before + this.at);
    return words * 4;
  }

  /** Tells readers that everything stands in another journal now. */
  retire(): void {
    this.publish(MOVED);
  }

  private turnOver(words: number): void {
    if (this.at < this.words.length) this.words[this.at] = SKIP;
    const segment = this.makeSegment(Math.max(Math.min(this.words.length * 8, MOST_BYTES), words * 4));
    this.before += this.words.length;
    this.at = 0;
    this.words = new Uint32Array(segment);
    this.bytes = Buffer.from(segment);
  }

  /**
   * Exchanged rather than stored: what is written to cells afterwards (zeros, when a row is given back) must not be
   * seen before the record that announces it, and a store alone lets later writes overtake it on some processors.
   */
  private publish(end: number): void {
    Atomics.exchange(this.head, END_WORD, end);
  }
}

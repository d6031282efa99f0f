import type { Memory } from '../../store/store.js';
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
  WRITTEN_WORD,
} from '../layout.js';

/** Strings up to here need one byte for their length, whatever they hold. */
const SHORT = 42;

const FIRST_BYTES = 16 * 1024;
const MOST_BYTES = 1024 * 1024;

/** Writes records one after the other into segments. A reader sees a record whole or not at all. */
export class RecordLog {
  private readonly head: Int32Array;
  private words: Uint32Array;
  private bytes: Buffer;
  /** The next word to write in the newest segment. */
  private at = HEAD_WORDS;
  /** Words in all older segments. */
  private before = 0;
  /** The end as it was published last. */
  private committed = 0;

  constructor(private readonly memory: Pick<Memory, 'segment'>) {
    const first = memory.segment(FIRST_BYTES);
    this.head = new Int32Array(first, 0, HEAD_WORDS);
    this.words = new Uint32Array(first);
    this.bytes = Buffer.from(first);
    this.head[MAGIC_WORD] = MAGIC;
    this.head[VERSION_WORD] = VERSION;
    this.publish(WRITTEN_WORD, HEAD_WORDS);
    this.commit();
  }

  /** Bytes written. */
  get length(): number {
    return (this.before + this.at) * 4;
  }

  /** Appends a record. Returns how many bytes it took. */
  append({ bytes: body, length }: RecordWriter): number {
    const words = FRAME_WORDS + Math.ceil(length / 4);
    if (this.at + words > this.words.length) this.turnOver(words);
    const { at } = this;
    this.words[at] = length;
    this.words[at + 1] = copySummed(body, length, this.bytes, (at + FRAME_WORDS) * 4);
    this.at += words;
    this.publish(WRITTEN_WORD, this.before + this.at);
    return words * 4;
  }

  /** Moves the end behind all records: what they say is whole. */
  commit(): void {
    const end = this.before + this.at;
    if (end === this.committed) return;
    this.committed = end;
    this.publish(END_WORD, end);
  }

  /** Sends readers on: everything is in another log now. */
  retire(): void {
    this.committed = this.before + this.at;
    this.publish(END_WORD, MOVED);
  }

  private turnOver(words: number): void {
    if (this.at < this.words.length) this.words[this.at] = SKIP;
    const segment = this.memory.segment(Math.max(Math.min(this.words.length * 8, MOST_BYTES), words * 4));
    this.before += this.words.length;
    this.at = 0;
    this.words = new Uint32Array(segment);
    this.bytes = Buffer.from(segment);
  }

  /**
   * Exchanged rather than stored: what is written to cells afterwards (zeros, when a row is given back) must not be
   * seen before the record that announces it, and a store alone lets later writes overtake it on some processors.
   */
  private publish(word: number, end: number): void {
    Atomics.exchange(this.head, word, end);
  }
}

/** Puts the body of a record together: a kind, then numbers and strings. It is reused for one record after the other. */
export class RecordWriter {
  /** The body is in `bytes` up to `length`. */
  bytes = Buffer.alloc(256);
  length = 0;

  begin(kind: number): this {
    this.length = 0;
    return this.int(kind);
  }

  /** A whole number, negative or not, of at most 52 bits; small ones take one byte. */
  int(value: number): this {
    return this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  float(value: number): this {
    this.reserve(8);
    this.bytes.writeDoubleLE(value, this.length);
    this.length += 8;
    return this;
  }

  text(text: string): this {
    this.reserve(text.length * 3 + 10);
    if (text.length > SHORT) {
      this.unsigned(Buffer.byteLength(text));
      this.length += this.bytes.write(text, this.length);
      return this;
    }
    const { bytes, length } = this;
    let size = this.ascii(text, length + 1);
    if (size < 0) size = bytes.write(text, length + 1);
    bytes[length] = size;
    this.length = length + 1 + size;
    return this;
  }

  /** Most label values are short and plain: copying them here is faster than a call out of JavaScript. */
  private ascii(text: string, at: number): number {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return -1;
      this.bytes[at + i] = code;
    }
    return text.length;
  }

  private unsigned(value: number): this {
    this.reserve(8);
    while (value > 0x7f) {
      this.bytes[this.length++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.length++] = value;
    return this;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const wider = Buffer.alloc(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(wider);
    this.bytes = wider;
  }
}

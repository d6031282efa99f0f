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
} from '../journal-format.js';

/** Strings up to this length need a single length byte, whatever characters they contain. */
const SHORT_LENGTH = 42;

const FIRST_SEGMENT_BYTES = 16 * 1024;
const MAX_SEGMENT_BYTES = 1024 * 1024;

/** Allocates the segments of a journal. */
export interface SegmentMemory {
  /** Returns a zeroed segment. It may be sent to readers immediately, but only after `begin` has written to it. */
  segment(bytes: number, begin?: (segment: ArrayBufferLike) => void): ArrayBufferLike;
}

/** Appends records to segments. A reader sees a record either completely or not at all. */
export class RecordLog {
  private readonly head: Int32Array;
  private words: Uint32Array;
  private bytes: Buffer;
  /** The next word to write in the newest segment. */
  private at = HEAD_WORDS;
  /** Words in all older segments. */
  private before = 0;
  /** The last published end. */
  private committed = 0;

  constructor(private readonly memory: SegmentMemory) {
    const first = memory.segment(FIRST_SEGMENT_BYTES, beginJournal);
    beginJournal(first);
    this.head = new Int32Array(first, 0, HEAD_WORDS);
    this.words = new Uint32Array(first);
    this.bytes = Buffer.from(first);
    this.publish(WRITTEN_WORD, HEAD_WORDS);
    this.commit();
  }

  /** Bytes written. */
  get length(): number {
    return (this.before + this.at) * 4;
  }

  /** Appends a record. Returns its size in bytes. */
  append({ bytes: body, length }: RecordWriter): number {
    const words = FRAME_WORDS + Math.ceil(length / 4);
    if (this.at + words > this.words.length) this.startSegment(words);
    const { at } = this;
    this.words[at] = length;
    this.words[at + 1] = copySummed(body, length, this.bytes, (at + FRAME_WORDS) * 4);
    this.at += words;
    this.publish(WRITTEN_WORD, this.before + this.at);
    return words * 4;
  }

  /** Moves the end past all records, which makes them visible to readers. */
  commit(): void {
    const end = this.before + this.at;
    if (end === this.committed) return;
    this.committed = end;
    this.publish(END_WORD, end);
  }

  /** Redirects readers: everything is in another log now. */
  retire(): void {
    this.committed = this.before + this.at;
    this.publish(END_WORD, MOVED);
  }

  private startSegment(words: number): void {
    if (this.at < this.words.length) this.words[this.at] = SKIP;
    const segment = this.memory.segment(Math.max(Math.min(this.words.length * 8, MAX_SEGMENT_BYTES), words * 4));
    this.before += this.words.length;
    this.at = 0;
    this.words = new Uint32Array(segment);
    this.bytes = Buffer.from(segment);
  }

  /**
   * An exchange rather than a store: later writes to cells (zeros, when a row is freed) must not become visible before
   * the record that announces them, and on some processors a store lets later writes overtake it.
   */
  private publish(word: number, end: number): void {
    Atomics.exchange(this.head, word, end);
  }
}

/** Writes the magic number and version of a journal. */
function beginJournal(first: ArrayBufferLike): void {
  const head = new Int32Array(first, 0, HEAD_WORDS);
  head[MAGIC_WORD] = MAGIC;
  head[VERSION_WORD] = VERSION;
}

/** Builds the body of a record: a kind, then numbers and strings. Reused for all records. */
export class RecordWriter {
  /** The first `length` bytes hold the body. */
  bytes = Buffer.alloc(256);
  length = 0;

  begin(kind: number): this {
    this.length = 0;
    return this.int(kind);
  }

  /** Writes an integer of at most 52 bits and either sign; small ones take one byte. */
  int(value: number): this {
    return this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  float(value: number): this {
    this.reserve(8);
    this.bytes.writeDoubleLE(value, this.length);
    this.length += 8;
    return this;
  }

  string(text: string): this {
    this.reserve(text.length * 3 + 10);
    if (text.length > SHORT_LENGTH) {
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

  /** Most label values are short and ASCII; copying them here is faster than a call into native code. */
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

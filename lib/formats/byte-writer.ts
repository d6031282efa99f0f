import { escapeQuoted } from './format.js';
import { MAX_NUMBER_LENGTH, writeNumber } from './write-number.js';

/** Initial capacity. */
const INITIAL_CAPACITY = 4096;

/** Up to this many bytes, a loop is faster than a call of `set`. */
const MAX_LOOP = 64;
const QUOTE = 34;
const BACKSLASH = 92;
const PRINTABLE = 32;
const DELETE = 127;

/** Appends bytes to a buffer that grows and is reused. */
export class ByteWriter {
  // Initially empty: V8 treats a field that was set only once as a constant, and would discard code that relies on it
  // in the middle of the first large page.
  bytes = Buffer.alloc(0);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Writes a string as UTF-8. */
  string(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  /** Writes a string as UTF-8, escaped for a quoted string, and the closing quote. */
  quoted(text: string): void {
    this.reserve(text.length + 1);
    const { bytes, length } = this;
    // Most label values are short and plain, and need neither escaping nor the encoder.
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < PRINTABLE || code >= DELETE || code === QUOTE || code === BACKSLASH) {
        this.string(`${escapeQuoted(text)}"`);
        return;
      }
      bytes[length + i] = code;
    }
    bytes[length + text.length] = QUOTE;
    this.length = length + text.length + 1;
  }

  number(value: number): void {
    this.reserve(MAX_NUMBER_LENGTH);
    this.length = writeNumber(this.bytes, this.length, value);
  }

  /** Writes the bytes from `from` up to, not including, `to`. */
  copy(source: Uint8Array, from = 0, to = source.length): void {
    this.reserve(to - from);
    copyRun(source, from, to, this.bytes, this.length);
    this.length += to - from;
  }

  /** Returns a copy of everything written so far. */
  toBytes(): Uint8Array {
    const piece = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(piece, 0, 0, this.length);
    return piece;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const wider = Buffer.allocUnsafeSlow(Math.max(INITIAL_CAPACITY, this.bytes.length * 2, this.length + more));
    this.bytes.copy(wider, 0, 0, this.length);
    this.bytes = wider;
  }
}

/** Copies the bytes `from` up to, not including, `to` to position `at` of another array. */
export function copyRun(source: Uint8Array, from: number, to: number, into: Uint8Array, at: number): void {
  if (to - from > MAX_LOOP) into.set(source.subarray(from, to), at);
  else for (let i = from, j = at; i < to; i++, j++) into[j] = source[i];
}

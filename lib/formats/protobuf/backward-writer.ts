import type { GroupMemory } from '../prepared-groups.js';

const FIRST_SIZE = 256 * 1024;
const MAX_SMALL = 0x7fffffff;
/** Maximum length that takes one byte as a varint. */
const SHORT = 0x7f;

/**
 * Writes protobuf from the end to the beginning. The length of a message precedes it, so a backward writer already
 * knows it and need neither measure nor move anything.
 *
 * Callers must reserve space for numbers and tags; strings and bytes reserve their own.
 */
export class BackwardWriter {
  private buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  private view = new DataView(this.buffer.buffer);
  private at = FIRST_SIZE;

  /** Starts over. Copies that `toBytes` returned are not affected. */
  start(): void {
    this.at = this.buffer.length;
  }

  /** Number of bytes written so far. The length of a message is the difference before and after it. */
  get length(): number {
    return this.buffer.length - this.at;
  }

  /** Makes room for this many bytes. */
  reserve(bytes: number): void {
    if (bytes <= this.at) return;
    const { length } = this;
    const wider = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, length + bytes));
    this.buffer.copy(wider, wider.length - length, this.at);
    this.buffer = wider;
    this.view = new DataView(wider.buffer);
    this.at = wider.length - length;
  }

  /** Writes a number from 0 to 127: the tag of a field up to 15, or a short length. */
  byte(value: number): void {
    this.at -= 1;
    this.buffer[this.at] = value;
  }

  /** Writes a whole number of 0 or more. */
  varint(value: number): void {
    if (value < 0x80) this.byte(value);
    else if (value <= MAX_SMALL) this.smallVarint(value);
    else this.largeVarint(value);
  }

  /** Writes a whole number of either sign, small ones in few bytes (sint32, sint64). */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(value: number): void {
    this.at -= 8;
    this.view.setFloat64(this.at, value, true);
  }

  /** Writes a tag, the length and a string. */
  string(tag: number, text: string): void {
    // Most strings are short and ASCII, and copied faster in JavaScript than by a native call.
    if (text.length <= SHORT && this.ascii(text)) {
      this.at -= text.length + 2;
      this.buffer[this.at] = tag;
      this.buffer[this.at + 1] = text.length;
      return;
    }
    const bytes = Buffer.byteLength(text);
    this.reserve(bytes + 16);
    this.at -= bytes;
    this.buffer.write(text, this.at);
    this.varint(bytes);
    this.byte(tag);
  }

  /** Writes bytes. Leaves room for the tag and length of what they end. */
  bytes(source: Uint8Array, from: number, to: number): void {
    this.reserve(to - from + 16);
    this.at -= to - from;
    const { buffer, at } = this;
    if (to - from > SHORT) buffer.set(source.subarray(from, to), at);
    else for (let i = from; i < to; i++) buffer[at + i - from] = source[i];
  }

  /** Writes tag and length of a message that began when the writer had the given length. */
  close(tag: number, since: number): void {
    this.varint(this.length - since);
    this.byte(tag);
  }

  /** Returns a copy of everything written so far, in new memory or in that of a group. */
  toBytes(memory?: GroupMemory): Buffer {
    const bytes = memory?.take(this.length) ?? Buffer.allocUnsafeSlow(this.length);
    this.buffer.copy(bytes, 0, this.at);
    return bytes;
  }

  /** Writes an ASCII string in front of the position without moving it; returns false if the string is not ASCII. */
  private ascii(text: string): boolean {
    this.reserve(text.length + 16);
    const { buffer } = this;
    const begin = this.at - text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[begin + i] = code;
    }
    return true;
  }

  private smallVarint(value: number): void {
    const { buffer } = this;
    let last = this.at - 1;
    const size = (((31 - Math.clz32(value)) / 7) | 0) + 1;
    this.at -= size;
    // The most significant digits come last.
    buffer[last] = value >>> (7 * (size - 1));
    for (let shift = 7 * (size - 2); shift >= 0; shift -= 7) {
      last -= 1;
      buffer[last] = ((value >>> shift) & 0x7f) | 0x80;
    }
  }

  private largeVarint(value: number): void {
    const digits: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 128)) digits.push(rest % 128);
    digits.reverse().forEach((digit, i) => {
      this.byte(i === 0 ? digit : digit | 0x80);
    });
  }
}

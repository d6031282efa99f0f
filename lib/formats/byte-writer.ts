import { escapeQuoted } from './format.js';

/** More bytes than any number takes. */
export const NUMBER_ROOM = 32;

const ZERO = 48;
const POINT = 46;
const BILLION = 1e9;

/**
 * Writes a sample's value as ASCII, as JavaScript would, and returns the position after it; `NUMBER_ROOM` bytes are
 * always enough. Whole numbers and those with up to three decimals, which most samples are, are written digit by digit.
 */
export function writeNumber(into: Uint8Array, at: number, value: number): number {
  const whole = value | 0;
  if (whole === value && whole >= 0) return writeWhole(into, at, whole);
  return writeLarge(into, at, value);
}

/** A sample's value as text: `NaN`, `+Inf`, `-Inf`, or as JavaScript writes it. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** Numbers of 0 and more that are whole, or that are so a thousand times; others as JavaScript writes them. */
function writeLarge(into: Uint8Array, at: number, value: number): number {
  if (value >= 1e-3 && value < 1e12) {
    const high = Math.floor(value / BILLION);
    const low = Math.floor(value - high * BILLION);
    if (high * BILLION + low === value) return writeDigits(into, writeWhole(into, at, high), low, 9);
    const thousands = Math.round(value * 1000);
    // With 15 digits or fewer, no other number of as few digits stands for the same value.
    if (thousands / 1000 === value) return writeThousandths(into, at, thousands);
  }
  return writeAscii(into, at, numberText(value));
}

function writeThousandths(into: Uint8Array, at: number, thousandths: number): number {
  const whole = Math.floor(thousandths / 1000);
  let rest = thousandths - whole * 1000;
  let digits = 3;
  for (; rest % 10 === 0; rest /= 10) digits--;
  const point = writeNumber(into, at, whole);
  into[point] = POINT;
  return writeDigits(into, point + 1, rest, digits);
}

/** Writes text that is known to be ASCII. */
function writeAscii(into: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writeWhole(into: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits++;
  return writeDigits(into, at, value, digits);
}

/** Writes a whole number below 2^31 with this many digits, zeros in front included. */
function writeDigits(into: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value;
  for (let i = at + digits - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    into[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + digits;
}

/** The first memory that is taken. */
const LEAST = 4096;

/** Runs up to this length are copied byte by byte, which beats a call for them. */
const SHORT_RUN = 64;
const QUOTE = 34;
const BACKSLASH = 92;
const PRINTABLE = 32;
const DELETE = 127;

/** Appends bytes to a buffer that grows and is reused. */
export class ByteWriter {
  // Empty at first: V8 takes a field that was set once for a constant, and would throw away the code that relies on it
  // in the middle of the first large page.
  bytes = Buffer.alloc(0);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Text as UTF-8. */
  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  /** Text as UTF-8, with what has to be escaped between quotes. */
  quoted(text: string): void {
    this.reserve(text.length);
    const { bytes, length } = this;
    // Most label values are short and plain, and need neither the search for escapes nor the encoder.
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < PRINTABLE || code >= DELETE || code === QUOTE || code === BACKSLASH) {
        this.text(escapeQuoted(text));
        return;
      }
      bytes[length + i] = code;
    }
    this.length = length + text.length;
  }

  number(value: number): void {
    this.reserve(NUMBER_ROOM);
    this.length = writeNumber(this.bytes, this.length, value);
  }

  /** The bytes `from` up to, not including, `to` of others. */
  copy(source: Uint8Array, from = 0, to = source.length): void {
    this.reserve(to - from);
    copyRun(source, from, to, this.bytes, this.length);
    this.length += to - from;
  }

  /** A copy of everything that was written, in memory of its own. */
  cut(): Uint8Array {
    const piece = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(piece, 0, 0, this.length);
    return piece;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const wider = Buffer.allocUnsafeSlow(Math.max(LEAST, this.bytes.length * 2, this.length + more));
    this.bytes.copy(wider, 0, 0, this.length);
    this.bytes = wider;
  }
}

/** Copies the bytes `from` up to, not including, `to` to position `at` of another array. */
export function copyRun(source: Uint8Array, from: number, to: number, into: Uint8Array, at: number): void {
  if (to - from > SHORT_RUN) into.set(source.subarray(from, to), at);
  else for (let i = from, j = at; i < to; i++, j++) into[j] = source[i];
}

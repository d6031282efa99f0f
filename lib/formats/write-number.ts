/** More bytes than any number takes. */
export const NUMBER_ROOM = 32;

const ZERO = 48;
const POINT = 46;
const BILLION = 1e9;

/**
 * Writes a sample's value as ASCII, as JavaScript would, and returns the position behind it; `NUMBER_ROOM` bytes are
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

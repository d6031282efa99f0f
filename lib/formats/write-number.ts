/** Maximum length of a number in bytes. */
export const MAX_NUMBER_LENGTH = 32;

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
const BILLION = 1e9;
const HUNDRED_MILLION = 1e8;

/**
 * Writes a sample's value as ASCII, as JavaScript would, and returns the position after it; `MAX_NUMBER_LENGTH` bytes are
 * always enough. Only very large and very small fractions, and a few in between that are hard to round, are left to
 * JavaScript: its strings would have to be copied byte by byte.
 */
export function writeNumber(into: Uint8Array, at: number, value: number): number {
  const whole = value | 0;
  if (whole === value && whole >= 0) return writeWhole(into, at, whole);
  return writeOther(into, at, value);
}

/** Returns a sample's value as a string: `NaN`, `+Inf`, `-Inf`, or as JavaScript prints it. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** Writes numbers that are not whole, negative, or not less than 2^31. */
function writeOther(into: Uint8Array, at: number, value: number): number {
  let size = value;
  let from = at;
  if (value < 0) {
    into[at] = MINUS;
    size = -value;
    from += 1;
  }
  if (size >= MIN_FRACTION && size < MAX_FRACTION) {
    if (Math.floor(size) === size) {
      const billions = Math.floor(size / BILLION);
      return writeTwoParts(into, from, billions, size - billions * BILLION);
    }
    const scaled = size * 1000;
    const thousandths = Math.round(scaled);
    // With at most 15 digits, no other decimal of that length converts to the same double. Most fractions need no division.
    if (size < 1e12 && Math.abs(scaled - thousandths) <= scaled * 4e-16 && thousandths / 1000 === size) {
      return writeThousandths(into, from, thousandths);
    }
    const end = writeFraction(into, from, size);
    if (end >= 0) return end;
  }
  return writeAscii(into, at, numberText(value));
}

/** Writes a whole number that is given in billions and the rest. */
function writeTwoParts(into: Uint8Array, at: number, billions: number, rest: number): number {
  return billions === 0 ? writeWhole(into, at, rest) : writeDigits(into, writeWhole(into, at, billions), rest, 9);
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

/** Writes a string that is known to be ASCII. */
function writeAscii(into: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writeWhole(into: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits++;
  return writeDigits(into, at, value, digits);
}

/** The two digits of each number below 100. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

/** Writes a whole number below 2^31 with this many digits, including leading zeros. */
function writeDigits(into: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value;
  let i = at + digits - 2;
  for (; i >= at; i -= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) << 1;
    into[i] = PAIRS[pair];
    into[i + 1] = PAIRS[pair + 1];
    rest = next;
  }
  if (i === at - 1) into[at] = ZERO + rest;
  return at + digits;
}

// Fractions: JavaScript prints the shortest decimal that converts to the double and, of several, the nearest to it. The
// double is multiplied by a power of ten so that 17 digits are whole. The product has more than 53 bits, so it is computed
// exactly as the sum of two doubles. If the nearest multiple of 100 or of 10 converts to the same double, 15 or 16 digits
// suffice.

/** In this range, JavaScript prints no exponent, and all powers of ten that are needed are exact. */
const MIN_FRACTION = 1e-5;
const MAX_FRACTION = 1e15;

const DIGITS = 17;
/** The last of these digits are kept in a separate number. */
const LOW_DIGITS = 8;

/** 10^0 to 10^22, which doubles represent exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** The upper and lower halves of their bits: products of halves are exact. */
const UPPER = POWERS.map(upperHalf);
const LOWER = POWERS.map((power, i) => power - UPPER[i]);

// For each binary exponent from MIN_EXPONENT on:
const MIN_EXPONENT = -20;
const SMALLEST = Float64Array.from({ length: 75 }, (_, i) => 2 ** (i + MIN_EXPONENT));
/** Half the distance to the next double. */
const HALF_STEPS = SMALLEST.map((smallest) => smallest * 2 ** -53);
/** The number of digits before the point of the smallest number or, negated, of zeros after it. */
const POINTS = Int8Array.from(SMALLEST, (smallest) => Number(smallest.toExponential().split('e')[1]) + 1);
/** Numbers from here on have one more digit before the point. */
const NEXT_POINTS = Float64Array.from(POINTS, (point) => Number(`1e${point}`));

/** Larger than any rounding error in the numbers compared. */
const UNSURE = 1e-6;

const double = new Float64Array(1);
const bits = new Uint32Array(double.buffer);
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW_WORD = 1 - HIGH_WORD;

function upperHalf(value: number): number {
  const scaled = value * 134_217_729;
  return scaled - (scaled - value);
}

/** Writes a fraction from 1e-5 up to 1e15, and returns the position after it, or -1 if its digits are not certain. */
function writeFraction(into: Uint8Array, at: number, value: number): number {
  double[0] = value;
  const word = bits[HIGH_WORD];
  // The next double below a power of two is nearer than the next one above.
  if ((word & 0xfffff) === 0 && bits[LOW_WORD] === 0) return -1;
  const exponent = (word >>> 20) - (1023 + MIN_EXPONENT);
  let point = POINTS[exponent];
  if (value >= NEXT_POINTS[exponent]) point += 1;
  const places = DIGITS - point;
  const power = POWERS[places];
  const upper = upperHalf(value);
  const lower = value - upper;
  const upperPower = UPPER[places];
  const lowerPower = LOWER[places];
  const product = value * power;
  const rest = lower * lowerPower - (product - upper * upperPower - lower * upperPower - upper * lowerPower);
  // The product is whole. Its lower digits may be negative, or too large by one digit.
  const high = Math.floor(product * 1e-8);
  const low = product - high * HUNDRED_MILLION + rest;
  const room = HALF_STEPS[exponent] * power;
  const sure = room - UNSURE;
  // 15 digits, or 16, or 17.
  let nearest = Math.round(low * 0.01) * 100;
  let distance = Math.abs(low - nearest);
  if (distance > sure) {
    if (distance < room + UNSURE) return -1;
    nearest = Math.round(low * 0.1) * 10;
    distance = Math.abs(low - nearest);
    if (distance > sure) {
      if (distance < room + UNSURE) return -1;
      nearest = Math.round(low);
      if (Math.abs(low - nearest) > 0.5 - UNSURE) return -1;
    } else if (distance > 5 - UNSURE) return -1; // Halfway between two of 16 digits.
  }
  return writePlaces(into, at, high | 0, nearest | 0, point);
}

/** Writes 17 digits without trailing zeros, with the point after some of them. */
function writePlaces(into: Uint8Array, at: number, high: number, low: number, point: number): number {
  let first = high;
  let last = low;
  if (low < 0) {
    first -= 1;
    last += HUNDRED_MILLION;
  } else if (low >= HUNDRED_MILLION) {
    first += 1;
    last -= HUNDRED_MILLION;
  }
  const from = startOf(into, at, point);
  let end: number;
  if (last === 0) {
    let digits = DIGITS - LOW_DIGITS;
    for (; first % 10 === 0; first = (first / 10) | 0) digits--;
    end = writeDigits(into, from, first, digits);
  } else {
    const top = (first / HUNDRED_MILLION) | 0;
    into[from] = ZERO + top;
    writeEight(into, from + 1, first - top * HUNDRED_MILLION);
    end = from + DIGITS - LOW_DIGITS;
    let digits = LOW_DIGITS;
    for (; last % 10 === 0; last = (last / 10) | 0) digits--;
    if (digits === LOW_DIGITS) writeEight(into, end, last);
    else writeDigits(into, end, last, digits);
    end += digits;
  }
  if (point <= 0) return end;
  for (let i = 0; i < point; i++) into[at + i] = into[at + i + 1];
  into[at + point] = POINT;
  return end;
}

/**
 * Returns where the digits of a fraction are first written: after `0.` and zeros, or one position late, to leave room
 * for the point.
 */
function startOf(into: Uint8Array, at: number, point: number): number {
  if (point > 0) return at + 1;
  into[at] = ZERO;
  into[at + 1] = POINT;
  for (let i = 0; i < -point; i++) into[at + 2 + i] = ZERO;
  return at + 2 - point;
}

/** Writes a whole number below 10^8 with eight digits. */
function writeEight(into: Uint8Array, at: number, value: number): void {
  const high = (value / 10_000) | 0;
  writeFour(into, at, high);
  writeFour(into, at + 4, value - high * 10_000);
}

function writeFour(into: Uint8Array, at: number, value: number): void {
  const high = (value / 100) | 0;
  const low = (value - high * 100) << 1;
  into[at] = PAIRS[high << 1];
  into[at + 1] = PAIRS[(high << 1) + 1];
  into[at + 2] = PAIRS[low];
  into[at + 3] = PAIRS[low + 1];
}

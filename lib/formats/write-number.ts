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
    const high = Math.floor(size / BILLION);
    const low = Math.floor(size - high * BILLION);
    if (high * BILLION + low === size) return writeTwoParts(into, from, high, low);
    const thousands = Math.round(size * 1000);
    // With at most 15 digits, no other decimal of that length converts to the same double.
    if (size < 1e12 && thousands / 1000 === size) return writeThousandths(into, from, thousands);
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

// Fractions: JavaScript prints the shortest decimal that converts to the double and, of several, the nearest to it. It
// is found by multiplying by a power of ten so that first 15 digits, then 16, then 17 are whole. The product has more
// than 53 bits, so it is computed exactly as the sum of two doubles.

/** In this range, JavaScript prints no exponent, and all powers of ten that are needed are exact. */
const MIN_FRACTION = 1e-5;
const MAX_FRACTION = 1e15;

/** 10^0 to 10^22, which doubles represent exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** The upper and lower halves of their bits: products of halves are exact. */
const UPPER = POWERS.map(upperHalf);
const LOWER = POWERS.map((power, i) => power - UPPER[i]);

/** Half the distance to the next double, for each binary exponent from MIN_EXPONENT on. */
const MIN_EXPONENT = -20;
const HALF_STEPS = Float64Array.from({ length: 75 }, (_, i) => 2 ** (i + MIN_EXPONENT - 53));

/** Numbers whose ratio lies between this and its inverse are too close to compare, because of rounding errors. */
const SURE = 1 - 1e-9;

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
  // The number of digits before the point or, negated, of zeros after it.
  let point = 1;
  if (value >= 1) while (value >= POWERS[point]) point++;
  else {
    point = 0;
    for (let scaled = value * 10; scaled < 1; scaled *= 10) point--;
  }
  const fifteen = Math.round(value * POWERS[15 - point]);
  if (fifteen / POWERS[15 - point] === value) {
    return writeFewPlaces(into, at, fifteen, point);
  }
  double[0] = value;
  const word = bits[HIGH_WORD];
  // The next double below a power of two is nearer than the next one above.
  if ((word & 0xfffff) === 0 && bits[LOW_WORD] === 0) return -1;
  const halfStep = HALF_STEPS[(word >>> 20) - 1023 - MIN_EXPONENT];
  const upper = upperHalf(value);
  const lower = value - upper;
  for (let digits = 16; digits <= 17; digits++) {
    const places = digits - point;
    const power = POWERS[places];
    const product = value * power;
    const rest =
      lower * LOWER[places] - (product - upper * UPPER[places] - lower * UPPER[places] - upper * LOWER[places]);
    const whole = Math.floor(product);
    const beyond = product - whole + rest;
    const nearest = Math.round(beyond);
    const distance = Math.abs(beyond - nearest);
    const room = halfStep * power;
    if (distance > room / SURE) continue;
    // Too close to decide, or halfway between two decimals of this length.
    if (distance > room * SURE || distance > 0.4999) return -1;
    let high = Math.floor(whole / HUNDRED_MILLION);
    let low = whole - high * HUNDRED_MILLION + nearest;
    if (low < 0) {
      high -= 1;
      low += HUNDRED_MILLION;
    } else if (low >= HUNDRED_MILLION) {
      high += 1;
      low -= HUNDRED_MILLION;
    }
    return writePlaces(into, at, high, low, digits - 8, digits, point);
  }
  return -1;
}

/** Writes a number of 15 digits with the point after some of them, without the zeros at its end. */
function writeFewPlaces(into: Uint8Array, at: number, fifteen: number, point: number): number {
  let high = Math.floor(fifteen / HUNDRED_MILLION);
  let low = fifteen - high * HUNDRED_MILLION;
  let digits = 15;
  if (low === 0) {
    digits = 7;
    for (; digits > point && high % 10 === 0; high = (high / 10) | 0) digits--;
    if (digits === point) return writeWhole(into, at, high);
    return setPoint(into, at, writeDigits(into, startOf(into, at, point), high, digits), point);
  }
  for (; digits > point && low % 10 === 0; low = (low / 10) | 0) digits--;
  if (digits === point) return writeDigits(into, writeDigits(into, at, high, 7), low, digits - 7);
  return writePlaces(into, at, high, low, 7, digits, point);
}

/** Writes the digits of `high` and those of `low`, with the point after some of them. */
function writePlaces(
  into: Uint8Array,
  at: number,
  high: number,
  low: number,
  highDigits: number,
  digits: number,
  point: number,
): number {
  const middle = writeDigits(into, startOf(into, at, point), high, highDigits);
  return setPoint(into, at, writeDigits(into, middle, low, digits - highDigits), point);
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

/** Moves the digits before the point back by one position and inserts the point. Returns the end. */
function setPoint(into: Uint8Array, at: number, end: number, point: number): number {
  if (point <= 0) return end;
  for (let i = 0; i < point; i++) into[at + i] = into[at + i + 1];
  into[at + point] = POINT;
  return end;
}

import { show, ValueError } from './errors.js';

/**
 * Exponential buckets to base 2, as in native histograms: at schema s, bucket k holds the values in (2^((k-1)/2^s),
 * 2^(k/2^s)]. Bounds and keys are those of the Go client and the Prometheus server.
 */
export class Scale {
  /** Binary logarithm of `perOctave`. */
  readonly perOctaveLog2: number;
  /** Buckets per octave; 1 if a bucket is wider than an octave. */
  readonly perOctave: number;
  /** Binary logarithm of the octaves per bucket; 0 from schema 0 on. */
  readonly octavesLog2: number;
  /** Bucket bounds within an octave, as fractions in [0.5, 1). */
  readonly bounds: Float64Array;
  /** By how much the mantissa's upper 20 bits are shifted right to leave its leading bits. */
  readonly shift: number;
  /**
   * For each value of these leading bits: the index of the first bound that may apply, shifted left by 20, and the upper
   * 20 bits of that bound's mantissa.
   */
  readonly firstBounds: Int32Array;

  constructor(
    /** From -4 (16 octaves per bucket) to 8 (256 buckets per octave). */
    readonly schema: number,
  ) {
    const fine = Math.max(schema, 0);
    this.perOctaveLog2 = fine;
    this.perOctave = 1 << fine;
    this.octavesLog2 = fine - schema;
    this.bounds = boundsOf(fine);
    this.shift = MANTISSA_HIGH_BITS - fine - 1;
    this.firstBounds = new Int32Array(2 << fine);
    for (let step = 0, bound = 0; step < this.firstBounds.length; step++) {
      const least = 0.5 + step / (4 << fine);
      while (bound < this.perOctave && this.bounds[bound] < least) bound++;
      const high = bound < this.perOctave ? upperBits(this.bounds[bound]) : -1;
      this.firstBounds[step] = (bound << MANTISSA_HIGH_BITS) | (high & MANTISSA_HIGH_MASK);
    }
  }
}

export const COARSEST_SCHEMA = -4;
export const FINEST_SCHEMA = 8;

/**
 * Growth factor from one bucket to the next, from schema -4 on. Written out, because engines may differ in the last bit
 * of a power; the server's table was computed with this square root of 2, not with Math.SQRT2.
 */
const GROWTH: readonly number[] = [
  ...[65536, 256, 16, 4, 2],
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the server's number
  ...[1.414213562373095, 1.189207115002721, 1.0905077326652577, 1.0442737824274138],
  ...[1.0218971486541166, 1.0108892860517005, 1.0054299011128027, 1.0027112750502025],
];

const MANTISSA_HIGH_BITS = 20;
const MANTISSA_HIGH_MASK = 0xfffff;
const LAST_EXPONENT = 0x7ff;
/** Exponent of 2^1024, the bound just above the largest number, which no double can hold. */
const END_EXPONENT = 1024;
const SIZE_MASK = 0x7fffffff;
const UPPER_BITS_OF_HALF = 0x3fe00000;
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

/** The upper halves of the bits of numbers without their sign: that of the least normal number, and that of infinity. */
export const LEAST_NORMAL = 1 << MANTISSA_HIGH_BITS;
export const INFINITE = LAST_EXPONENT << MANTISSA_HIGH_BITS;

const scales = new Map<number, Scale>();

/** The scale of a schema from -4 to 8. */
export function scaleOf(schema: number): Scale {
  const known = scales.get(schema);
  if (known !== undefined) return known;
  const scale = new Scale(schema);
  scales.set(schema, scale);
  return scale;
}

/**
 * The coarsest schema whose buckets grow by no more than `factor`, a number above 1; 8 if even that is too coarse.
 *
 * @example schemaOf(1.1) // 3: eight buckets an octave, each 9 % wider than the one before
 */
export function schemaOf(factor: number): number {
  const schema = GROWTH.findIndex((growth) => growth <= factor);
  return schema < 0 ? FINEST_SCHEMA : schema + COARSEST_SCHEMA;
}

/** The bucket of a positive value; Infinity has one of its own, above those of all numbers. */
export function keyOf(scale: Scale, value: number): number {
  const size = upperBits(value);
  return size >= LEAST_NORMAL && size < INFINITE ? keyOfBits(scale, size) : oddKeyOf(scale, value);
}

/** Returns the upper half of a number's bits without the sign. It rises with the distance from 0. */
export function upperBits(value: number): number {
  scratch[0] = value;
  return words[HIGH_WORD] & SIZE_MASK;
}

/**
 * The bucket of the number that `upperBits` was last called with, a normal one, or of its opposite if it is negative.
 * O(1): the leading bits of the mantissa select a bound, and one comparison, of integers and without a branch, decides
 * between it and the next.
 */
export function keyOfBits(scale: Scale, size: number): number {
  const mantissa = size & MANTISSA_HIGH_MASK;
  const first = scale.firstBounds[mantissa >>> scale.shift];
  const bound = first & MANTISSA_HIGH_MASK;
  const index = first >>> MANTISSA_HIGH_BITS;
  let key = (((size >>> MANTISSA_HIGH_BITS) - 1023) << scale.perOctaveLog2) + index + ((bound - mantissa) >>> 31);
  if (mantissa === bound) {
    // The lower bits decide, which is rare: the number is scaled into [0.5, 1).
    words[HIGH_WORD] = mantissa | UPPER_BITS_OF_HALF;
    if (scale.bounds[index] < scratch[0]) key += 1;
  }
  // Rounded up to whole buckets if these are wider than an octave.
  return (key + (1 << scale.octavesLog2) - 1) >> scale.octavesLog2;
}

function oddKeyOf(scale: Scale, value: number): number {
  if (value === Infinity) return keyOf(scale, Number.MAX_VALUE) + 1;
  // A subnormal number is first scaled to a normal one. Its key at schema 0 or finer is then rounded up to whole
  // buckets.
  const fine = scaleOf(Math.max(scale.schema, 0));
  const key = keyOf(fine, value * 2 ** 54) - 54 * fine.perOctave;
  return (key + (1 << scale.octavesLog2) - 1) >> scale.octavesLog2;
}

/**
 * The upper bound of a bucket; its lower bound is that of `key - 1`. The last bucket of finite numbers ends at
 * Number.MAX_VALUE, the one after it at Infinity.
 */
export function upperBound(scale: Scale, key: number): number {
  const octave = Math.floor(key / scale.perOctave);
  const fraction = scale.bounds[key - octave * scale.perOctave];
  const exponent = octave * 2 ** scale.octavesLog2;
  if (exponent === END_EXPONENT && fraction === 0.5) return Number.MAX_VALUE;
  // In two steps, because 2^1024 overflows. For subnormal bounds only the last step may round, or they would be rounded
  // twice.
  return exponent < -1000 ? fraction * 2 ** (exponent + 101) * 2 ** -100 : fraction * 2 ** exponent * 2;
}

/**
 * The upper bound of a native histogram's bucket: bit for bit that of the Prometheus server. Schemas are whole numbers
 * from -4 to 8. Throws ValueError for others.
 *
 * @example nativeUpperBound(3, 8) // 2: eight buckets after 1
 */
export function nativeUpperBound(schema: number, index: number): number {
  if (!(Number.isInteger(schema) && schema >= COARSEST_SCHEMA && schema <= FINEST_SCHEMA)) {
    throw new ValueError(`nativeUpperBound: schema must be a whole number from -4 to 8, got ${show(schema)}.`);
  }
  return upperBound(scaleOf(schema), index);
}

/**
 * The server's table, bit for bit: each schema has the bounds of the coarser one and, after each of them, its product
 * with the growth factor.
 */
function boundsOf(schema: number): Float64Array {
  if (schema === 0) return Float64Array.of(0.5);
  const coarser = boundsOf(schema - 1);
  const step = GROWTH[schema - COARSEST_SCHEMA];
  const bounds = new Float64Array(coarser.length * 2);
  coarser.forEach((bound, i) => {
    bounds[2 * i] = bound;
    bounds[2 * i + 1] = bound * step;
  });
  return bounds;
}

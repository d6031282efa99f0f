/**
 * Exponential buckets to base 2, as native histograms have them: at schema s, bucket k holds what is above
 * 2^((k-1)/2^s) and not above 2^(k/2^s). Bounds and keys are those of the Go client and the Prometheus server.
 */
export interface Scale {
  /** Buckets in an octave. */
  readonly perOctave: number;
  /** Bounds of one octave as fractions: from 0.5 up to, not including, 1. */
  readonly bounds: Float64Array;
  /** For each step of the mantissa's leading bits, the first bound that may hold it. */
  readonly firstBound: Uint16Array;
  /** How far the mantissa's upper 20 bits are shifted to give that step. */
  readonly shift: number;
}

const MANTISSA_HIGH_BITS = 20;
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

const scales = new Map<number, Scale>();

/** The scale of a schema from 0 (a bucket an octave) to 8 (256 buckets an octave). */
export function scaleOf(schema: number): Scale {
  const known = scales.get(schema);
  if (known !== undefined) return known;
  const scale = makeScale(schema);
  scales.set(schema, scale);
  return scale;
}

/**
 * The bucket of a positive finite value. O(1): the leading bits of the mantissa point to a bound, and at most one
 * comparison decides between it and the next.
 */
export function keyOf(scale: Scale, value: number): number {
  scratch[0] = value;
  let exponent = (words[HIGH] >>> MANTISSA_HIGH_BITS) & 0x7ff;
  if (exponent === 0) {
    // Subnormal: the leading bit has to be brought to its place first.
    scratch[0] = value * 2 ** 54;
    exponent = ((words[HIGH] >>> MANTISSA_HIGH_BITS) & 0x7ff) - 54;
  }
  const mantissa = words[HIGH] & 0xfffff;
  // The same digits with the exponent of [0.5, 1): what frexp calls the fraction.
  words[HIGH] = mantissa | (1022 << MANTISSA_HIGH_BITS);
  const fraction = scratch[0];
  let bound = scale.firstBound[mantissa >>> scale.shift];
  while (bound < scale.perOctave && scale.bounds[bound] < fraction) bound++;
  return bound + (exponent - 1023) * scale.perOctave;
}

/** The upper bound of a bucket; the one below it is the bound of `key - 1`. */
export function upperBound(scale: Scale, key: number): number {
  const octave = Math.floor(key / scale.perOctave);
  const fraction = scale.bounds[key - octave * scale.perOctave];
  // In two steps, because 2^1024 is not a number any more while its half is.
  return fraction * 2 ** octave * 2;
}

function makeScale(schema: number): Scale {
  const perOctave = 2 ** schema;
  const bounds = boundsOf(schema);
  const bits = schema + 1;
  const firstBound = new Uint16Array(2 ** bits);
  for (let step = 0, bound = 0; step < firstBound.length; step++) {
    const least = 0.5 + step / 2 ** (bits + 1);
    while (bound < perOctave && bounds[bound] < least) bound++;
    firstBound[step] = bound;
  }
  return { perOctave, bounds, firstBound, shift: MANTISSA_HIGH_BITS - bits };
}

/**
 * The server's table, bit for bit: each schema takes over the bounds of the coarser one and puts between them the
 * one before times 2^(2^-s), where schema 1 has 1.414213562373095 rather than the nearest double to the root of 2.
 */
function boundsOf(schema: number): Float64Array {
  if (schema === 0) return Float64Array.of(0.5);
  const coarser = boundsOf(schema - 1);
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the server's table has this number, not Math.SQRT2
  const step = schema === 1 ? 1.414213562373095 : 2 ** (2 ** -schema);
  const bounds = new Float64Array(coarser.length * 2);
  coarser.forEach((bound, i) => {
    bounds[2 * i] = bound;
    bounds[2 * i + 1] = bound * step;
  });
  return bounds;
}

/** Arithmetic with integers of any size, to check doubles against. */

/** A double as `mantissa * 2^exponent`, exactly. */
export function exactly(value: number): { mantissa: bigint; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const field = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & ((1n << 52n) - 1n);
  return field === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: field - 1075 };
}

/** The next double above a positive one. */
export function nextUp(value: number): number {
  return step(value, 1n);
}

/** The next double below a positive one. */
export function nextDown(value: number): number {
  return step(value, -1n);
}

/**
 * The bucket of a positive number by its definition, where bounds are not rounded: the least k with
 * value <= 2^(k/2^schema), found by comparing powers of whole numbers.
 */
export function trueIndex(schema: number, value: number): number {
  const { mantissa, exponent } = exactly(value);
  // value^(2^schema) <= 2^k, for schemas from 0 up; for those below, value <= 2^(k * 2^-schema).
  const power = schema > 0 ? 2 ** schema : 1;
  const raised = mantissa ** BigInt(power);
  const bits = raised.toString(2).length;
  const isPowerOfTwo = raised === 1n << BigInt(bits - 1);
  const least = exponent * power + bits - (isPowerOfTwo ? 1 : 0);
  // Adds zero, because -0 would be a different key.
  return schema > 0 ? least : Math.ceil(least / 2 ** -schema) + 0;
}

/** How many doubles lie between one and 2^(index/2^schema), at most 12. */
export function distanceToBound(schema: number, index: number, bound: number): number {
  let [low, high] = [bound, bound];
  for (let distance = 0; distance < 12; distance++) {
    if (trueIndex(schema, low) <= index && trueIndex(schema, nextUp(high)) > index) return distance;
    [low, high] = [nextDown(low), nextUp(high)];
  }
  return 12;
}

function step(value: number, by: bigint): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) + by);
  return bits.getFloat64(0);
}

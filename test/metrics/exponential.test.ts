import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf, scaleOf, upperBound } from '../../lib/model/exponential.js';
import { runs } from '../support/property-runs.js';

const SCHEMAS = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** A number as a fraction from 0.5 to below 1, times a power of two. */
function frexp(value: number): [fraction: number, exponent: number] {
  let exponent = 0;
  while (value >= 1) {
    value /= 2;
    exponent += 1;
  }
  while (value < 0.5) {
    value *= 2;
    exponent -= 1;
  }
  return [value, exponent];
}

/** What the Go client does: a search in the table of bounds, from the fraction and the exponent. */
function reference(schema: number, value: number): number {
  const { bounds } = scaleOf(schema);
  const [fraction, exponent] = frexp(value);
  const bound = bounds.findIndex((each) => each >= fraction);
  return (bound < 0 ? bounds.length : bound) + (exponent - 1) * bounds.length;
}

const bytes = new DataView(new ArrayBuffer(8));

/** The next number up or down. */
function neighbor(value: number, step: bigint): number {
  bytes.setFloat64(0, value);
  bytes.setBigUint64(0, bytes.getBigUint64(0) + step);
  return bytes.getFloat64(0);
}

const positive = fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true });
const power = fc.integer({ min: -1074, max: 1023 }).map((exponent) => 2 ** exponent);
const near = fc.tuple(power, fc.constantFrom(-1n, 0n, 1n)).map(([value, step]) => neighbor(value, step));
const subnormal = fc.double({ min: Number.MIN_VALUE, max: 2 ** -1022, noNaN: true });
const any = fc
  .oneof(positive, near, subnormal, fc.constantFrom(Number.MIN_VALUE, 2 ** -1022, Number.MAX_VALUE, 1, 0.5))
  .filter((value) => value > 0 && value < Number.POSITIVE_INFINITY);

describe.each(SCHEMAS)('at schema %p', (schema) => {
  const scale = scaleOf(schema);

  test('a key equals that of a search in the table of bounds', () => {
    fc.assert(
      fc.property(any, (value) => keyOf(scale, value) === reference(schema, value)),
      { numRuns: runs(1000) },
    );
  });

  test('a value lies in its bucket: above the bound below and not above its own', () => {
    fc.assert(
      fc.property(any, (value) => {
        const key = keyOf(scale, value);
        // Among the subnormals both bounds may be rounded to one number.
        const below = upperBound(scale, key - 1);
        const above = value > below || (value <= 2 ** -1022 && value >= below);
        return above && value <= upperBound(scale, key);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('a bound is the last value of its bucket', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1021 * 2 ** schema, max: 1023 * 2 ** schema }), (key) => {
        const bound = upperBound(scale, key);
        expect(keyOf(scale, bound)).toBe(key);
        expect(keyOf(scale, neighbor(bound, 1n))).toBe(key + 1);
      }),
    );
  });

  test('bounds are close to the fractional powers of two', () => {
    const perOctave = 2 ** schema;
    for (let key = -3 * perOctave; key <= 3 * perOctave; key++) {
      expect(Math.abs(upperBound(scale, key) / 2 ** (key / perOctave) - 1)).toBeLessThan(1e-14);
    }
  });

  test('whole powers of two are exact bounds', () => {
    const perOctave = 2 ** schema;
    for (let exponent = -1074; exponent <= 1023; exponent++) {
      expect(keyOf(scale, 2 ** exponent)).toBe(exponent * perOctave);
      expect(upperBound(scale, exponent * perOctave)).toBe(2 ** exponent);
    }
    expect(upperBound(scale, keyOf(scale, Number.MAX_VALUE))).toBe(Number.MAX_VALUE);
  });
});

describe('the table of bounds', () => {
  test('equals that of the Prometheus server', () => {
    expect(Array.from(scaleOf(2).bounds)).toEqual([0.5, 0.5946035575013605, 0.7071067811865475, 0.8408964152537144]);
    expect(Array.from(scaleOf(3).bounds)).toEqual([
      0.5, 0.5452538663326288, 0.5946035575013605, 0.6484197773255048, 0.7071067811865475, 0.7711054127039704,
      0.8408964152537144, 0.9170040432046711,
    ]);
  });
});

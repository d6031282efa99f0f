import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, nativeUpperBound } from 'promark';
import { nativeOf } from './native-of.js';
import { nextDown, nextUp, trueIndex } from './reference.js';

/** The smallest and the largest exponents, both sides of where subnormals begin, and some between. */
const EXPONENTS = [
  -1074, -1073, -1070, -1040, -1023, -1022, -1021, -700, -129, -128, -65, -64, -16, -3, -2, -1, 0, 1, 2,
].concat([3, 4, 8, 16, 17, 33, 64, 512, 1007, 1008, 1009, 1023]);
const schemas = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];

/** Returns the indexes where observations are counted. */
function indexer(schema: number): (value: number) => Promise<number | 'zero' | undefined> {
  const native = { schema, zeroThreshold: 0 };
  const histogram = new Histogram({ name: 'h', help: 'H', native, buckets: false, registers: [] });
  return async (value) => {
    histogram.reset();
    histogram.observe(value);
    const { zeroCount, count, positive, negative } = await nativeOf(histogram);
    expect(count).toBe(1);
    return zeroCount === 1 ? 'zero' : [...positive, ...negative][0]?.index;
  };
}

describe.each(schemas)('schema %i', (schema) => {
  const perOctave = 2 ** schema;
  const indexOf = indexer(schema);
  const last = 1024 * perOctave;

  test('a bound belongs to the bucket that it ends, the next number to the following one', async () => {
    for (let i = -2 * Math.ceil(perOctave); i <= 2 * Math.ceil(perOctave); i++) {
      const bound = nativeUpperBound(schema, i);
      const around = [nextDown(bound), bound, nextUp(bound)];
      for (const [j, value] of around.entries()) expect(await indexOf(value)).toBe(j < 2 ? i : i + 1);
    }
  });

  test('powers of two and their neighbors, normal and subnormal, have the right index', async () => {
    for (const exponent of EXPONENTS) {
      const power = 2 ** exponent;
      const index = Math.ceil(exponent * perOctave) + 0;
      expect(await indexOf(power)).toBe(index);
      expect(await indexOf(nextUp(power))).toBe(trueIndex(schema, nextUp(power)));
      if (exponent > -1074) expect(await indexOf(nextDown(power))).toBe(trueIndex(schema, nextDown(power)));
    }
  });

  test('the extreme numbers and infinity have the right index', async () => {
    expect(await indexOf(Number.MAX_VALUE)).toBe(last);
    expect(await indexOf(Infinity)).toBe(last + 1);
    expect(await indexOf(-Infinity)).toBe(last + 1);
    expect(await indexOf(Number.MIN_VALUE)).toBe(Math.ceil(-1074 * perOctave));
    expect(await indexOf(0)).toBe('zero');
    expect(await indexOf(-0)).toBe('zero');
    expect(await indexOf(Number.NaN)).toBeUndefined();
  });

  test('any number has the index that exact powers of integers give, unless it is a rounded bound', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: Number.MIN_VALUE, noDefaultInfinity: true, noNaN: true }), async (value) => {
        const index = await indexOf(value);
        const wanted = trueIndex(schema, value);
        // Bounds are up to three doubles off.
        const isNear = (bound: number) => Math.abs(value - bound) <= bound * 4 * Number.EPSILON;
        const rounded = [wanted - 1, wanted].some((i) => isNear(nativeUpperBound(schema, i)));
        expect(rounded || index === wanted).toBe(true);
        expect(await indexOf(-value)).toBe(index);
      }),
    );
  });
});

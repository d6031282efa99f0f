import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Summary } from 'promark';
import { runs } from '../support/property-runs.js';

const RANKS = [0, 0.01, 0.07, 0.1, 0.14, 0.25, 0.29, 0.5, 0.57, 0.75, 0.9, 0.99, 0.999, 1];
/** 1.1 %. */
const BOUND = 0.011;
/** Up to this count all values of a series are kept exactly. */
const FEW = 16;

async function quantiles(values: readonly number[]): Promise<number[]> {
  const summary = new Summary({ name: 'x', help: 'X', percentiles: RANKS, registers: [] });
  for (const value of values) summary.observe(value);
  return (await summary.get()).values.slice(0, RANKS.length).map(({ value }) => value);
}

/** The smallest value that at least `rank` of all values do not exceed. Ranks are thousandths, to avoid fractions. */
function expected(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return RANKS.map((rank) => {
    const at = Math.ceil((Math.round(rank * 1000) * sorted.length) / 1000);
    return sorted[Math.max(1, at) - 1];
  });
}

/** The largest relative error of the results; one more subnormal step is allowed for rounding. */
function worst(got: readonly number[], truth: readonly number[]): number {
  const errors = truth.map((value, i) => {
    const distance = Math.abs(got[i] - value);
    return distance <= Number.MIN_VALUE ? 0 : (distance - Number.MIN_VALUE) / Math.abs(value);
  });
  return Math.max(...errors);
}

const unit = fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Turns two uniform numbers into a normally distributed one (Box and Muller). */
const normal = fc.tuple(unit, unit).map(([u, v]) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
const shapes: Record<string, fc.Arbitrary<number>> = {
  'log-normal': normal.map((z) => Math.exp(2 * z - 3)),
  uniform: fc.double({ min: 0, max: 1000, noNaN: true }),
  negative: fc.double({ min: -1e6, max: 0, noNaN: true }),
  'of both signs': normal.map((z) => 100 * z),
  whole: fc.integer({ min: -50, max: 50 }),
  huge: fc.double({ min: 1e300, max: Number.MAX_VALUE, noNaN: true }),
  subnormal: fc.double({ min: 0, max: 2 ** -1022, noNaN: true }),
  'powers of two': fc.integer({ min: -1074, max: 1023 }).map((exponent) => 2 ** exponent),
  'of any size': finite,
};

describe.each(Object.entries(shapes))('quantiles of %s values', (_shape, value) => {
  test('are within 1.1 % of the true values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: FEW + 1, maxLength: 400 }), async (values) => {
        expect(worst(await quantiles(values), expected(values))).toBeLessThanOrEqual(BOUND);
      }),
      { numRuns: runs(60) },
    );
  });

  test('are exact for a few values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: FEW }), async (values) => {
        const truth = expected(values).map((each) => each + 0);
        expect((await quantiles(values)).map((each) => each + 0)).toEqual(truth);
      }),
      { numRuns: runs(60) },
    );
  });
});

describe('quantiles', () => {
  test('of very many values are within 1.1 % of the true values', async () => {
    const values = fc.sample(shapes['log-normal'], { numRuns: 100_000, seed: 7 });
    expect(worst(await quantiles(values), expected(values))).toBeLessThanOrEqual(BOUND);
  });

  test('of the largest and the smallest numbers are finite and have their sign', async () => {
    for (const extreme of [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** -1022, 2 ** 1023]) {
      for (const value of [extreme, -extreme]) {
        const got = await quantiles(new Array(FEW + 1).fill(value));
        expect(worst(got, new Array(RANKS.length).fill(value))).toBeLessThanOrEqual(BOUND);
      }
    }
  });

  test('use the intended rank even if the product is not exact in floating point', async () => {
    // 0.07 * 100 and 0.14 * 100 are slightly more than 7 and 14; widely spaced values show which one was taken.
    const values = Array.from({ length: 100 }, (_, i) => 2 ** (i + 1));
    expect(worst(await quantiles(values), expected(values))).toBeLessThanOrEqual(BOUND);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_NUMBER_LENGTH, numberText, writeNumber } from '../../lib/formats/write-number.js';
import { runs } from '../support/property-runs.js';

function written(value: number): string {
  const into = Buffer.alloc(MAX_NUMBER_LENGTH + 2, '#');
  const end = writeNumber(into, 1, value);
  expect(into.subarray(end).toString()).toMatch(/^#+$/);
  return into.toString('latin1', 1, end);
}

describe('writeNumber', () => {
  test('writes numbers of every size as JavaScript does', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(written(value)).toBe(numberText(value));
      }),
      { numRuns: runs(2000) },
    );
  });

  test('writes whole numbers as JavaScript does', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written(value)).toBe(numberText(value));
      }),
      { numRuns: runs(2000) },
    );
  });

  test('writes numbers with few decimals as JavaScript does', () => {
    const decimal = fc.record({ digits: fc.maxSafeInteger(), power: fc.integer({ min: 0, max: 6 }) });
    fc.assert(
      fc.property(decimal, ({ digits, power }) => {
        const value = digits / 10 ** power;
        expect(written(value)).toBe(numberText(value));
      }),
      { numRuns: runs(2000) },
    );
  });

  test('writes the ends of its fast paths as JavaScript does', () => {
    const corners = [0, -0, 0.001, 0.0005, 0.9995, 0.999, 9.999, 999_999_999.999, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 0.5];
    corners.push(1e9, 1e9 - 1, 1e9 + 0.001, 999_999_999_999.999, 1e12 - 0.0005, 1e12, 1e12 + 1, 1e12 + 0.25, 2 ** 53);
    corners.push(0.1 + 0.2, 1 / 3, 4.35, 1.005, 8.575, 1e21, 1e-7, Number.NaN, Infinity, -Infinity, -1, -0.5);
    for (const value of corners) expect(written(value)).toBe(numberText(value));
  });

  test('writes a million fractions as JavaScript does', () => {
    const into = Buffer.alloc(MAX_NUMBER_LENGTH);
    const random = fc.sample(fc.integer(), { numRuns: 1, seed: Date.now() })[0];
    let state = random >>> 0;
    const next = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const fraction = (): number => next() + next() / 2 ** 32;
    const wrong: string[] = [];
    for (let i = 0; i < 1_000_000; i++) {
      const scale = 10 ** Math.floor(next() * 22 - 6);
      const value = i % 2 === 0 ? fraction() * scale : Math.round(fraction() * 2 ** 53) / 10 ** Math.floor(next() * 20);
      const text = into.toString('latin1', 0, writeNumber(into, 0, value));
      if (text !== String(value)) wrong.push(`${value}: ${text}`);
    }
    expect(wrong).toEqual([]);
  });

  test('writes the doubles next to powers of two and ten as JavaScript does', () => {
    const next = (value: number, steps: number): number => {
      const double = new Float64Array([value]);
      new BigInt64Array(double.buffer)[0] += BigInt(steps);
      return double[0];
    };
    const powers = [
      ...Array.from({ length: 80 }, (_, i) => 2 ** (i - 25)),
      ...Array.from({ length: 24 }, (_, i) => 10 ** (i - 7)),
    ];
    for (const power of powers) {
      for (let steps = -20; steps <= 20; steps++) {
        const value = next(power, steps);
        expect(written(value)).toBe(String(value));
      }
    }
  });
});

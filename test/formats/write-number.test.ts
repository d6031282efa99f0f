import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NUMBER_ROOM, numberText, writeNumber } from '../../lib/formats/byte-writer.js';
import { runs } from '../support/property-runs.js';

function written(value: number): string {
  const into = Buffer.alloc(NUMBER_ROOM + 2, '#');
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
});

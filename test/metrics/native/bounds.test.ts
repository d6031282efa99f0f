import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { nativeUpperBound } from 'promark';
import { distanceToBound } from './reference.js';

const schemas = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];

/**
 * SHA-256 of the fractions that the Prometheus server and the Go client have for each schema from 0 on, as
 * little-endian doubles from 0.5 up. Their tables are not the nearest doubles, so arithmetic alone cannot check them.
 */
const SERVER_TABLES = [
  '4cfa5b42ca669328764e67cd9a34bb8f90b16ed7ca8d85e8443783d7ccce15ed',
  'cd958502218332937424bb39c156698e6f1d9e3443b3683b1696f25dd7b5a45b',
  '80bd2038a063c4d1c9a189559e47e45114fd5ff553b41de0ceacf0383e750f5b',
  'ba64846eadfeb682749e0b503ce8188f2ae771c8b375d6cf2d1e865a7c75ebaf',
  '9ac4ee74cd8d8ab356f1ef5281dfee64c4b86216da0c3b881593c504993da0e0',
  '328998f8c29210c06cdc1210cf866dde92b3ca394afb715f55b888b89dbca1d3',
  '2ecd534c4abe11b2b4cecae0290f89b50b187e0da78a143b55b11b6fb9612a6d',
  '9ff4d3493a0ebabdb8b825b1f2251a463d657a30cf1d8592ea9f87e96dfeb9c7',
  '9de5914e4bc19f96dd1f461efa1b8f3fd6bfe80297b3a5a46302dac8a388c730',
];

test.each(SERVER_TABLES.map((hash, schema) => ({ schema, hash })))(
  'the bounds of schema $schema equal those of the Prometheus server',
  ({ schema, hash }) => {
    const bytes = Buffer.alloc(8 * 2 ** schema);
    for (let i = 0; i < 2 ** schema; i++) bytes.writeDoubleLE(nativeUpperBound(schema, i - 2 ** schema), i * 8);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash);
  },
);

describe.each(schemas)('schema %i', (schema) => {
  const perOctave = 2 ** schema;

  test('bounds are at most 3 doubles off', () => {
    const far = Array.from({ length: 6 * Math.ceil(perOctave) + 1 }, (_, i) => i - 3 * Math.ceil(perOctave))
      // The server multiplies its way through an octave, so its bounds are not the nearest doubles.
      .filter((index) => distanceToBound(schema, index, nativeUpperBound(schema, index)) > 3);
    expect(far).toEqual([]);
  });

  test('bounds scale by powers of two exactly, down to the subnormals', () => {
    const octave = Math.max(1, perOctave);
    for (let i = 0; i < octave; i++) {
      const bound = nativeUpperBound(schema, i);
      for (const exponent of [-1008, -512, -16, 16, 512, 1008]) {
        expect(nativeUpperBound(schema, i + exponent * perOctave)).toBe(bound * 2 ** exponent);
      }
    }
  });

  test('bounds are exact at powers of two, the largest number, infinity and 0', () => {
    expect(nativeUpperBound(schema, 0)).toBe(1);
    for (const exponent of [-1008, -16, 16, 1008]) {
      expect(nativeUpperBound(schema, exponent * perOctave)).toBe(2 ** exponent);
    }
    expect(nativeUpperBound(schema, 1024 * perOctave)).toBe(Number.MAX_VALUE);
    expect(nativeUpperBound(schema, 1024 * perOctave + 1)).toBe(Infinity);
    expect(nativeUpperBound(schema, -1200 * Math.ceil(perOctave))).toBe(0);
  });
});

test('subnormal bounds are rounded once, to the nearest', () => {
  // 2^-1073.5 is 1.41 of the least number, 2^-1072.5 is 2.83 of it.
  expect(nativeUpperBound(1, -2147)).toBe(Number.MIN_VALUE);
  expect(nativeUpperBound(1, -2145)).toBe(3 * Number.MIN_VALUE);
  expect(nativeUpperBound(1, -2143)).toBe(6 * Number.MIN_VALUE);
  expect(nativeUpperBound(0, -1074)).toBe(Number.MIN_VALUE);
  // 2^-1074.5 is 0.71 of it, and 2^-1075 just half: that goes to the even one, which is 0.
  expect(nativeUpperBound(1, -2149)).toBe(Number.MIN_VALUE);
  expect(nativeUpperBound(1, -2150)).toBe(0);
});

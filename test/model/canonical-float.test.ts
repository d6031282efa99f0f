import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalFloat } from 'promark';

describe('a bound or a quantile as a string', () => {
  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [0.005, '0.005'],
    [-2.5, '-2.5'],
    [100_000, '100000.0'],
    [1_000_000, '1e+06'],
    [1_234_567, '1.234567e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%p is %s', (value, text) => {
    expect(canonicalFloat(value)).toBe(text);
  });

  test('parses to the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(canonicalFloat(value))).toBe(value);
      }),
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import { show } from '../../lib/model/errors.js';

describe('a value in an error message', () => {
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [5n, '5 (bigint)'],
    [true, 'true (boolean)'],
    [Symbol('s'), 'Symbol(s) (symbol)'],
    ['a"b\n', '"a\\"b\\n"'],
    ['\ud800', '"\\ud800"'],
    [[1, 'a', [2], { b: 1 }], '[1, "a", […], {…}]'],
    [{ a: 1, b: { c: 2 } }, 'an object {a: 1, b: {…}}'],
    [Object.create(null), 'an object {}'],
    [new Date(0), 'an object of class Date'],
    [function named() {}, 'a function named'],
    [() => {}, 'a function'],
  ])('%p', (value, text) => {
    expect(show(value)).toBe(text);
  });

  test('stays short and on one line, however large the value', () => {
    const values = ['x'.repeat(1e6), new Array(1e6).fill('y'), Object.fromEntries(new Array(1e4).fill(0).entries())];
    for (const value of [...values, { ['a\nb'.repeat(1000)]: 1 }]) {
      expect(show(value).length).toBeLessThanOrEqual(120);
      expect(show(value)).not.toContain('\n');
    }
  });

  test('handles circular references', () => {
    const circle: unknown[] = [];
    circle.push(circle, circle, circle);
    expect(show(circle)).toBe('[[…], […], […]]');
  });

  test('never throws', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(show(hostile)).toBe('a value of type object');
    expect(show({ constructor: 'text', a: 1 })).toBe('an object {constructor: "text", a: 1}');
  });
});

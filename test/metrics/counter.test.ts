import { describe, expect, test } from '@jest/globals';
import { Counter, Registry, ValueError } from 'promark';
import { metricValue } from '../support/page.js';

function counter() {
  return new Counter({ name: 'hits_total', help: 'Hits', registers: [] });
}

function labeled() {
  return new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a'], registers: [] });
}

describe('a counter', () => {
  test('starts on the page at 0 without labels, and not at all with labels', async () => {
    const registry = new Registry();
    new Counter({ name: 'a_total', help: 'A', registers: [registry] });
    new Counter({ name: 'b_total', help: 'B', labelNames: ['x'], registers: [registry] });
    expect(await registry.metrics()).toBe(
      '# HELP a_total A\n# TYPE a_total counter\na_total 0\n# HELP b_total B\n# TYPE b_total counter\n',
    );
  });

  test('goes up by 1 or by the given value', async () => {
    const hits = counter();
    hits.inc();
    hits.inc(2.5);
    hits.inc(0);
    hits.inc(undefined);
    hits.inc({}, 10);
    hits.labels().inc(100);
    expect(await metricValue(hits)).toBe(114.5);
  });

  test.each([null, undefined])('takes %p as 1 in every form, like its peers', async (nothing) => {
    const hits = counter();
    hits.inc(nothing as never);
    hits.inc({}, nothing as never);
    hits.labels().inc(nothing as never);
    expect(await metricValue(hits)).toBe(3);
  });

  test('creates a series at 0 by an increment of 0', async () => {
    const hits = labeled();
    hits.inc({ a: 'x' }, 0);
    expect((await hits.get()).values).toEqual([{ labels: { a: 'x' }, value: 0 }]);
  });

  test.each<[unknown, string]>([
    [-1, '-1'],
    [-5e-324, '-5e-324'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    ['5', '"5"'],
    ['', '""'],
    [true, 'true (boolean)'],
    [5n, '5 (bigint)'],
    [[5], '[5]'],
    [Symbol('5'), 'Symbol(5) (symbol)'],
    [() => 5, 'a function'],
  ])('refuses to go up by %p in every form, and stays unchanged', async (wrong, shown) => {
    const hits = counter();
    hits.inc(3);
    const error = new ValueError(
      `Counter "hits_total": increment must be a finite number of 0 or more, got ${shown}. For values that also go down, use a Gauge.`,
    );
    if (typeof wrong !== 'object') expect(() => hits.inc(wrong as number)).toThrow(error);
    expect(() => hits.inc({}, wrong as number)).toThrow(error);
    expect(() => hits.labels().inc(wrong as number)).toThrow(error);
    expect(await metricValue(hits)).toBe(3);
  });

  test('accepts -0, the smallest and the largest number', async () => {
    const hits = counter();
    hits.inc(-0);
    expect(Object.is(await metricValue(hits), 0)).toBe(true);
    hits.inc(5e-324);
    expect(await metricValue(hits)).toBe(5e-324);
    hits.inc(Number.MAX_VALUE);
    expect(await metricValue(hits)).toBe(Number.MAX_VALUE);
  });

  test('returns its values as prom-client does', async () => {
    const hits = labeled();
    hits.inc({ a: 'x' });
    expect(await hits.get()).toEqual({
      name: 'hits_total',
      help: 'Hits',
      type: 'counter',
      aggregator: 'sum',
      values: [{ labels: { a: 'x' }, value: 1 }],
    });
  });
});

describe('countExceptions', () => {
  test('returns what the body returns, and counts nothing', async () => {
    const hits = counter();
    const result = {};
    expect(hits.countExceptions(() => result)).toBe(result);
    expect(await hits.countExceptions(async () => result)).toBe(result);
    expect(hits.countExceptions(() => undefined)).toBeUndefined();
    expect(await metricValue(hits)).toBe(0);
  });

  test('counts what the body throws, and rethrows it', async () => {
    const hits = counter();
    for (const thrown of [new Error('no'), 'text', undefined, null, 0]) {
      let caught: unknown = 'nothing';
      try {
        hits.countExceptions(() => {
          throw thrown;
        });
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(thrown);
    }
    expect(await metricValue(hits)).toBe(5);
  });

  test('counts the rejection of a promise, and rejects with the same error', async () => {
    const hits = counter();
    const error = new Error('no');
    await expect(hits.countExceptions(() => Promise.reject(error))).rejects.toBe(error);
    expect(await metricValue(hits)).toBe(1);
  });

  test('works on a child', async () => {
    const hits = labeled();
    expect(() => hits.labels('x').countExceptions(() => JSON.parse('{'))).toThrow(SyntaxError);
    expect((await hits.get()).values).toEqual([{ labels: { a: 'x' }, value: 1 }]);
  });

  test('records nothing if the series is removed meanwhile', async () => {
    const hits = labeled();
    let fail: (error: Error) => void = () => {};
    const running = hits.labels('x').countExceptions(
      () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    );
    hits.remove('x');
    hits.labels('y');
    fail(new Error('late'));
    await expect(running).rejects.toThrow('late');
    expect((await hits.get()).values).toEqual([{ labels: { a: 'y' }, value: 0 }]);
  });
});

import { describe, expect, test } from '@jest/globals';
import * as promClient from 'prom-client';
import { ConfigError, exponentialBuckets, Histogram, linearBuckets } from 'promark';

function histogram(buckets: unknown) {
  return new Histogram({ name: 'x', help: 'X', buckets: buckets as number[], registers: [] });
}

async function bounds(buckets: unknown): Promise<unknown[]> {
  const { values } = await histogram(buckets).get();
  return values.filter(({ metricName }) => metricName === 'x_bucket').map(({ labels }) => labels.le);
}

describe('linear buckets', () => {
  test.each([
    [0, 5, 4],
    [0.1, 0.1, 10],
    [-10, 5, 5],
    [1, 1e-9, 3],
    [0, 50, 1],
  ])('from %p by %p, %p of them, equal those of prom-client', (start, width, count) => {
    expect(linearBuckets(start, width, count)).toEqual(promClient.linearBuckets(start, width, count));
  });

  test.each<[unknown[], string]>([
    [[0, 1, 0], 'Linear buckets: count must be a whole number of 1 or more, got 0.'],
    [[0, 1, 1.5], 'Linear buckets: count must be a whole number of 1 or more, got 1.5.'],
    [[0, 1, '3'], 'Linear buckets: count must be a whole number of 1 or more, got "3".'],
    [[0, 1, Number.NaN], 'got NaN.'],
    [[0, 0, 3], 'Linear buckets: width must be a number above 0, got 0.'],
    [[0, Number.POSITIVE_INFINITY, 3], 'Linear buckets: width must be a number above 0, got Infinity.'],
    [[Number.NaN, 1, 3], 'Linear buckets: start must be a finite number, got NaN.'],
    [['0', 1, 3], 'Linear buckets: start must be a finite number, got "0".'],
  ])('%p are refused', (args, message) => {
    expect(() => linearBuckets(...(args as [number, number, number]))).toThrow(new ConfigError(message).message);
  });
});

describe('exponential buckets', () => {
  test.each([
    [1, 2, 5],
    [0.001, 10, 8],
    [0.1, 1.5, 12],
    [1e-6, Math.SQRT2, 40],
    [3, 1.1, 30],
  ])('from %p by %p, %p of them, equal those of prom-client to the last bit', (start, factor, count) => {
    expect(exponentialBuckets(start, factor, count)).toEqual(promClient.exponentialBuckets(start, factor, count));
  });

  test.each<[unknown[], string]>([
    [[0, 2, 3], 'Exponential buckets: start must be a number above 0, got 0.'],
    [[-1, 2, 3], 'Exponential buckets: start must be a number above 0, got -1.'],
    [[1, 1, 3], 'Exponential buckets: factor must be a number above 1, got 1.'],
    [[1, Number.NaN, 3], 'Exponential buckets: factor must be a number above 1, got NaN.'],
    [[1, 2, 0], 'Exponential buckets: count must be a whole number of 1 or more, got 0.'],
    [[1, 2], 'Exponential buckets: count must be a whole number of 1 or more, got undefined.'],
  ])('%p are refused', (args, message) => {
    expect(() => exponentialBuckets(...(args as [number, number, number]))).toThrow(new ConfigError(message).message);
  });
});

describe('the buckets of a histogram', () => {
  test('default to those of other clients, from 5 ms to 10 s', async () => {
    const standard = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    expect(histogram(undefined).buckets).toEqual(standard);
    expect(await bounds(undefined)).toEqual([...standard, '+Inf']);
  });

  test.each<[string, number[], unknown[]]>([
    ['without +Inf get it', [1, 2], [1, 2, '+Inf']],
    ['with +Inf have it once', [1, 2, Number.POSITIVE_INFINITY], [1, 2, '+Inf']],
    ['may be +Inf alone', [Number.POSITIVE_INFINITY], ['+Inf']],
    ['may be none, which leaves +Inf', [], ['+Inf']],
    ['may be negative', [-2, -1, 0, 1], [-2, -1, 0, 1, '+Inf']],
    [
      'may be the smallest and the largest number',
      [-Number.MAX_VALUE, 5e-324, Number.MAX_VALUE],
      [-Number.MAX_VALUE, 5e-324, Number.MAX_VALUE, '+Inf'],
    ],
  ])('%s', async (_what, buckets, expected) => {
    expect(await bounds(buckets)).toEqual(expected);
  });

  test.each<[string, unknown, string]>([
    [
      'unsorted',
      [1, 3, 2],
      'Histogram "x": buckets must be in increasing order, but 2 follows 3. Sort them and remove duplicates.',
    ],
    [
      'duplicate',
      [1, 2, 2],
      'Histogram "x": buckets must be in increasing order, but 2 follows 2. Sort them and remove duplicates.',
    ],
    ['0 and -0', [-0, 0], 'Histogram "x": buckets must be in increasing order, but 0 follows -0.'],
    ['NaN', [1, Number.NaN], 'Histogram "x": bucket 2 must be a finite number, got NaN.'],
    ['+Inf not last', [Number.POSITIVE_INFINITY, 1], 'Histogram "x": bucket 1 must be a finite number, got Infinity.'],
    [
      '+Inf twice',
      [1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      'Histogram "x": bucket 2 must be a finite number, got Infinity',
    ],
    ['-Inf', [Number.NEGATIVE_INFINITY, 1], 'Histogram "x": bucket 1 must be a finite number, got -Infinity.'],
    ['strings', ['1', '2'], 'Histogram "x": bucket 1 must be a finite number, got "1".'],
    ['holes', Object.assign([1], { 2: 3 }), 'Histogram "x": bucket 2 must be a finite number, got undefined.'],
    ['not an array', 5, 'Histogram "x": buckets must be an array of upper bounds, got 5.'],
    ['an object', { 0: 1 }, 'Histogram "x": buckets must be an array of upper bounds, got an object {0: 1}.'],
  ])('that are wrong (%s) are refused', (_what, buckets, message) => {
    expect(() => histogram(buckets)).toThrow(ConfigError);
    expect(() => histogram(buckets)).toThrow(message);
  });

  test('are a copy: the array that is passed in is not frozen, and later changes to it have no effect', async () => {
    const buckets = [1, 2, Number.POSITIVE_INFINITY];
    const metric = histogram(buckets);
    expect(Object.isFrozen(buckets)).toBe(false);
    buckets[0] = 100;
    buckets.push(3);
    metric.observe(1);
    const { values } = await metric.get();
    expect(values.map(({ labels, value }) => [labels.le, value]).slice(0, 3)).toEqual([
      [1, 1],
      [2, 1],
      ['+Inf', 1],
    ]);
  });
});

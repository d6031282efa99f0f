import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, type NativeOptions, nativeUpperBound } from 'promark';
import { runs } from '../../support/property-runs.js';
import { Model } from './model.js';
import { counts, nativeOf } from './native-of.js';

beforeEach(() => void jest.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void jest.useRealTimers());

function histogramOf(native: NativeOptions, buckets: readonly number[] | false = false): Histogram {
  return new Histogram({ name: 'h', help: 'H', native, buckets, registers: [] });
}

test('without a limit there may be as many buckets as values', async () => {
  const histogram = histogramOf({ schema: 8, maxBuckets: 0 });
  for (let i = 0; i < 500; i++) histogram.observe(1.003 ** i);
  const { schema, positive } = await nativeOf(histogram);
  expect([schema, positive.length]).toEqual([8, 500]);
});

test('the limit is 160 by default', async () => {
  const histogram = new Histogram({ name: 'h', help: 'H', native: true, buckets: false, registers: [] });
  for (let i = 1; i <= 160; i++) histogram.observe(nativeUpperBound(3, i));
  expect((await nativeOf(histogram)).schema).toBe(3);
  histogram.observe(nativeUpperBound(3, 161));
  const { schema, positive } = await nativeOf(histogram);
  expect([schema, positive.length]).toEqual([2, 81]);
});

test('halving merges neighbors on both sides of bucket 0', async () => {
  const histogram = histogramOf({ schema: 2, maxBuckets: 8 });
  for (const index of [-5, -4, -3, -2, -1, 0, 1, 2]) histogram.observe(nativeUpperBound(2, index));
  expect((await nativeOf(histogram)).schema).toBe(2);
  histogram.observe(-nativeUpperBound(2, 3));
  const { schema, positive, negative } = await nativeOf(histogram);
  expect(schema).toBe(1);
  expect(counts(positive)).toEqual({ '-2': 2, '-1': 2, 0: 2, 1: 2 });
  expect(counts(negative)).toEqual({ 2: 1 });
});

test('the resolution is halved down to schema -4 at most', async () => {
  const histogram = histogramOf({ schema: 0, maxBuckets: 1, zeroThreshold: 0 });
  for (const exponent of [-1000, -500, 0, 500, 1000, 1000, 1000]) histogram.observe(2 ** exponent);
  const { schema, positive, count } = await nativeOf(histogram);
  expect([schema, positive.length, count]).toEqual([-4, 5, 7]);
});

test('the zero bucket is widened first, as far as is allowed', async () => {
  const histogram = histogramOf({ schema: 0, maxBuckets: 2, zeroThreshold: 0.1, maxZeroThreshold: 1 });
  histogram.observe(0.5);
  histogram.observe(-0.5);
  histogram.observe(4);
  const widened = await nativeOf(histogram);
  expect([widened.schema, widened.zeroThreshold, widened.zeroCount]).toEqual([0, 0.5, 2]);
  histogram.observe(8);
  histogram.observe(16);
  const halved = await nativeOf(histogram);
  expect([halved.schema, halved.zeroThreshold, halved.zeroCount]).toEqual([-1, 0.5, 2]);
  expect(counts(halved.positive)).toEqual({ 1: 1, 2: 2 });
});

test('the histogram is reset if enough time has passed since the last reset, classic buckets and sum included', async () => {
  const histogram = histogramOf({ schema: 0, maxBuckets: 2, minResetSeconds: 60 }, [1]);
  histogram.observe(1);
  histogram.observe(2);
  jest.advanceTimersByTime(60_000);
  histogram.observe(4);
  const { positive, count, sum } = await nativeOf(histogram);
  expect([counts(positive), count, sum]).toEqual([{ 2: 1 }, 1, 4]);
  const { values } = await histogram.get();
  expect(values.map(({ value }) => value)).toEqual([0, 1, 4, 1]);
});

test('a resolution that was reduced earlier is restored when enough time has passed, observed or not', async () => {
  const histogram = histogramOf({ schema: 0, maxBuckets: 2, minResetSeconds: 60 });
  const narrow = () => {
    for (const value of [1, 2, 4]) histogram.observe(value);
  };
  narrow();
  expect((await nativeOf(histogram)).schema).toBe(-1);
  jest.advanceTimersByTime(59_999);
  histogram.observe(1);
  expect(await nativeOf(histogram)).toMatchObject({ schema: -1, count: 4 });
  jest.advanceTimersByTime(1);
  histogram.observe(1);
  expect(await nativeOf(histogram)).toMatchObject({ schema: 0, count: 1 });
  narrow();
  jest.advanceTimersByTime(60_000);
  expect(await nativeOf(histogram)).toMatchObject({ schema: 0, count: 0, zeroThreshold: 2 ** -128, positive: [] });
});

test('reset() and zero() restore everything at once', async () => {
  const histogram = histogramOf({ schema: 0, maxBuckets: 2, maxZeroThreshold: 1 });
  for (const again of [() => histogram.reset(), () => histogram.zero()]) {
    for (const value of [0.5, 2, 4, 8]) histogram.observe(value);
    expect(await nativeOf(histogram)).toMatchObject({ schema: -1, zeroThreshold: 0.5, count: 4 });
    again();
    expect(await nativeOf(histogram)).toMatchObject({ schema: 0, zeroThreshold: 2 ** -128, count: 0, positive: [] });
  }
});

test('a removed series records nothing', async () => {
  const histogram = new Histogram({ name: 'h', help: 'H', labelNames: ['a'], native: true, registers: [] });
  const child = histogram.labels('x');
  child.observe(1);
  histogram.remove('x');
  child.observe(2);
  histogram.labels('y').observe(3);
  const { values } = await histogram.get();
  expect(values.filter(({ native }) => native !== undefined).map(({ native }) => native?.sum)).toEqual([3]);
});

test('any observations match a plain model of the rules', async () => {
  const values = fc.oneof(
    fc.double({ noDefaultInfinity: false }),
    fc.double({ min: -16, max: 16 }),
    fc.constantFrom(0, 1, -1, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE),
  );
  const options = fc.record({
    schema: fc.integer({ min: -4, max: 8 }),
    maxBuckets: fc.integer({ min: 0, max: 12 }),
    zeroThreshold: fc.constantFrom(0, 2 ** -128, 0.001, 1),
    maxZeroThreshold: fc.constantFrom(0, 0.01, 1, 1e300, Number.MAX_VALUE),
    minResetSeconds: fc.constantFrom(0, 10),
  });
  const steps = fc.array(fc.record({ value: values, wait: fc.constantFrom(0, 0, 0, 4, 10) }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(options, steps, async (given, observations) => {
      const histogram = histogramOf(given);
      const model = new Model(given);
      for (const { value, wait } of observations) {
        jest.advanceTimersByTime(wait * 1000);
        model.pass(wait);
        histogram.observe(value);
        model.observe(value);
      }
      const { positive, negative, exemplars, ...head } = await nativeOf(histogram);
      expect(head).toEqual(model.head());
      expect([counts(positive), counts(negative)]).toEqual([model.positive, model.negative].map(Object.fromEntries));
      expect(exemplars).toEqual([]);
    }),
    { numRuns: runs(300) },
  );
});

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Histogram } from 'promark';
import { nativeOf } from '../native/native-of.js';

beforeEach(() => void jest.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void jest.useRealTimers());

function exemplarHistogram() {
  const native = { factor: 1.1 };
  const histogram = new Histogram({
    name: 'h',
    help: 'H',
    native,
    buckets: false,
    registers: [],
    enableExemplars: true,
  });
  return {
    histogram,
    /** Observes each value with an exemplar, a second after the previous one. */
    give(...values: number[]) {
      for (const value of values) {
        jest.advanceTimersByTime(1000);
        histogram.observe(value, { at: String(value) });
      }
    },
    kept: async () => (await nativeOf(histogram)).exemplars.map(({ value }) => value),
  };
}

test('ten are kept, in order of value', async () => {
  const { give, kept } = exemplarHistogram();
  give(512, 1, 256, 2, 128, 4, 64, 8, 32, 16);
  expect(await kept()).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
});

test('of the two whose logarithms are closest, the older one is dropped', async () => {
  const { give, kept } = exemplarHistogram();
  // 30 and 32 are the closest; 30 is the older.
  give(1, 2, 4, 8, 16, 30, 32, 64, 128, 256);
  give(1024);
  expect(await kept()).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 1024]);
  const other = exemplarHistogram();
  other.give(1, 2, 4, 8, 16, 32, 30, 64, 128, 256);
  other.give(1024);
  expect(await other.kept()).toEqual([1, 2, 4, 8, 16, 30, 64, 128, 256, 1024]);
});

test('a new one that would be closest to another replaces it', async () => {
  const { give, kept } = exemplarHistogram();
  give(1, 2, 4, 8, 16, 32, 64, 128, 256, 512);
  give(120);
  expect(await kept()).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 256, 512]);
  give(9);
  expect(await kept()).toEqual([1, 2, 4, 9, 16, 32, 64, 120, 256, 512]);
  give(9);
  expect(await kept()).toEqual([1, 2, 4, 9, 16, 32, 64, 120, 256, 512]);
});

test('one that is older than five minutes is dropped before all others', async () => {
  const { give, kept } = exemplarHistogram();
  give(16, 1, 2, 4, 8, 32, 64, 128, 256, 512);
  jest.advanceTimersByTime(5 * 60_000 - 9000);
  give(3);
  expect(await kept()).toEqual([1, 2, 3, 4, 8, 32, 64, 128, 256, 512]);
});

test('negative values have no logarithm and never count as close', async () => {
  const { give, kept } = exemplarHistogram();
  give(-8, -7, -6, 1, 2, 4, 8, 16, 17, 64);
  give(256);
  const values = await kept();
  expect(values).toHaveLength(10);
  expect(values).toContain(256);
});

test('NaN is not kept as an exemplar of the native buckets, infinity is', async () => {
  const { give, kept } = exemplarHistogram();
  give(Number.NaN, Infinity, 1);
  expect(await kept()).toEqual([1, Infinity]);
});

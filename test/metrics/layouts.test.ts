import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counter, Gauge, Histogram, StateSet, Summary } from 'promark';
import { NativeLayout } from '../../lib/metrics/layout/native.js';
import { BucketLayout, QuantileLayout, ScalarLayout } from '../../lib/metrics/layout/rows.js';
import { quantilesOf, Sketch } from '../../lib/metrics/sketch/sketch.js';
import { GroupReading, type LiveFamily } from '../../lib/model/live-family.js';
import { NativeReading } from '../../lib/model/native-histogram.js';
import { HeapStore } from '../../lib/store/store.js';

const registers: never[] = [];
const whole = fc.integer({ min: -1000, max: 1000 });
/** Values whose sums are exact in any order. */
const observations = fc.array(
  whole.map((value) => value / 4),
  { maxLength: 60 },
);

function read(family: LiveFamily, withNative = false): GroupReading {
  const reading = new GroupReading(withNative);
  family.readGroup(0, reading);
  return reading;
}

function valuesOf(family: LiveFamily): Float64Array {
  const { values, length } = read(family);
  return values.slice(0, length);
}

describe('a group that is read', () => {
  test('has one version, and the rows and values of one moment', () => {
    const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['a'], registers });
    counter.inc({ a: 'x' }, 1);
    counter.inc({ a: 'y' }, 2);
    const first = read(counter);
    expect([first.from, first.to, first.length]).toEqual([0, 2, 2]);
    counter.inc({ a: 'y' }, 3);
    const second = read(counter);
    expect(second.version).toBe(first.version);
    expect([...second.values.slice(0, 2)]).toEqual([1, 5]);
    counter.remove({ a: 'x' });
    const third = read(counter);
    expect(third.version).not.toBe(first.version);
    expect([third.to, third.length, third.values[0]]).toEqual([2, 1, 5]);
  });

  test('reuses the memory of the reader', () => {
    const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['n'], registers });
    for (let n = 0; n < 1000; n++) gauge.set({ n }, n);
    const reading = read(gauge);
    const { values } = reading;
    gauge.readGroup(0, reading);
    expect(reading.values).toBe(values);
  });

  test('has exponential buckets only if they are requested and there are any', () => {
    const native = new Histogram({ name: 'h', help: 'H', native: true, registers });
    expect(read(native).readNative).toBeUndefined();
    expect(read(native, true).readNative).toBeDefined();
    expect(read(new Histogram({ name: 'h', help: 'H', registers }), true).readNative).toBeUndefined();
  });
});

describe('a new series reads as its layout defines', () => {
  test.each<[string, LiveFamily, { blank(into: Float64Array, at: number): void }]>([
    ['counter', new Counter({ name: 'c', help: 'C', registers }), new ScalarLayout(1)],
    ['state set', new StateSet({ name: 's', help: 'S', states: ['a', 'b', 'c'], registers }), new ScalarLayout(3, 1)],
    ['histogram', new Histogram({ name: 'h', help: 'H', buckets: [1, 2], registers }), new BucketLayout(3, 4)],
    [
      'summary',
      new Summary({ name: 'q', help: 'Q', percentiles: [0.5, 0.9], registers }),
      new QuantileLayout([0.5, 0.9], { sketchesOf: () => [] }),
    ],
  ])('%s', (_, family, layout) => {
    const values = valuesOf(family);
    const blank = new Float64Array(values.length + 2).fill(7);
    layout.blank(blank, 1);
    expect([...blank]).toEqual([7, ...values, 7]);
  });

  test('native histogram', () => {
    const native = new Histogram({ name: 'h', help: 'H', native: { schema: 2, zeroThreshold: 0.5 }, registers });
    const own = new NativeReading();
    read(native, true).readNative?.(0, own);
    const blank = new NativeReading();
    new NativeLayout({ schema: 2, zeroThreshold: 0.5 }).blank(blank);
    expect(blank.toHistogram()).toEqual(own.toHistogram());
  });
});

describe('several sources of one series merge into what one source would have counted', () => {
  test('counters and gauges', () => {
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 8 }), (values) => {
        const layout = new ScalarLayout(1);
        const merged = (combine?: (a: number, b: number) => number) => {
          const into = Float64Array.of(Number.NaN, values[0]);
          for (const value of values.slice(1)) layout.merge(into, 1, Float64Array.of(value), 0, combine);
          return into[1];
        };
        expect(merged()).toBe(values.reduce((a, b) => a + b));
        expect(merged(Math.max)).toBe(Math.max(...values));
        expect(merged(Math.min)).toBe(Math.min(...values));
      }),
    );
  });

  test('buckets', () => {
    fc.assert(
      fc.property(fc.array(observations, { minLength: 1, maxLength: 5 }), (sources) => {
        const make = (values: readonly number[]) => {
          const histogram = new Histogram({ name: 'h', help: 'H', buckets: [-50, 0, 1.5, 100], registers });
          for (const value of values) histogram.observe(value);
          return valuesOf(histogram);
        };
        const layout = new BucketLayout(5, 6);
        const into = make(sources[0]);
        for (const source of sources.slice(1)) layout.merge(into, 0, make(source), 0);
        expect([...into]).toEqual([...make(sources.flat())]);
      }),
    );
  });

  test('quantile sketches', () => {
    const ranks = [0, 0.25, 0.5, 0.99, 1];
    fc.assert(
      fc.property(fc.array(observations, { minLength: 1, maxLength: 5 }), (sources) => {
        const sketchOf = (values: readonly number[]) => {
          const sketch = new Sketch(new HeapStore());
          for (const value of values) sketch.add(value);
          return sketch;
        };
        const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
        const into = new Float64Array(ranks.length + 2);
        new QuantileLayout(ranks, { sketchesOf: () => [] }).merge(
          into,
          0,
          sources.map((values) => {
            const lines = [...ranks.map(() => Number.NaN), total(values), values.length];
            return { sketches: [sketchOf(values)], values: Float64Array.from(lines), at: 0 };
          }),
        );
        const all = sources.flat();
        expect([...into.slice(ranks.length)]).toEqual([total(all), all.length]);
        // Sources that are each exact stay exact when merged; otherwise all are read from their buckets.
        const exact = sources.every(({ length }) => length <= 16);
        const sorted = [...all].sort((a, b) => a - b);
        const expected = exact
          ? ranks.map(
              (rank) => sorted[Math.max(1, Math.ceil(rank * all.length * (1 - Number.EPSILON))) - 1] ?? Number.NaN,
            )
          : quantilesOf(sources.map(sketchOf), ranks);
        expect([...into.slice(0, ranks.length)].map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
      }),
    );
  });

  test('native histograms of different resolution', () => {
    const source = fc.record({ schema: fc.integer({ min: -2, max: 5 }), values: observations });
    fc.assert(
      fc.property(fc.array(source, { minLength: 1, maxLength: 4 }), (sources) => {
        const make = (schema: number, values: readonly number[]) => {
          const native = { schema, maxBuckets: 0, zeroThreshold: 0 };
          const histogram = new Histogram({ name: 'h', help: 'H', buckets: false, native, registers });
          for (const value of values) histogram.observe(value);
          const reading = new NativeReading();
          read(histogram, true).readNative?.(0, reading);
          return reading;
        };
        const layout = new NativeLayout({ schema: 5, zeroThreshold: 0 });
        const into = make(sources[0].schema, sources[0].values);
        for (const { schema, values } of sources.slice(1)) layout.merge(into, make(schema, values));
        const coarsest = Math.min(...sources.map(({ schema }) => schema));
        const all = sources.flatMap(({ values }) => values);
        expect(into.toHistogram()).toEqual(make(coarsest, all).toHistogram());
      }),
    );
  });
});

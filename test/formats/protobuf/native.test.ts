import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FamilySnapshot, Histogram, type NativeHistogram, nativeUpperBound, Registry } from 'promark';
import { runs } from '../../support/property-runs.js';
import { describeWith } from '../../support/required-programs.js';
import { PROTOBUF } from './accept.js';
import { decodeFamilies } from './protoc.js';
import { all, type Message, number, numbers, only } from './text-format.js';

async function histogramIn(registry: Registry): Promise<Message> {
  const [family] = decodeFamilies((await registry.render(PROTOBUF)).body);
  return only(only(family, 'metric'), 'histogram');
}

function spans(histogram: Message, sign: 'positive' | 'negative'): [offset: number, length: number][] {
  return all(histogram, `${sign}_span`).map((span) => [number(span, 'offset'), number(span, 'length')]);
}

/** The count at each index, decoded the way a scraper does. */
function bucketsOf(histogram: Message, sign: 'positive' | 'negative'): [index: number, count: number][] {
  const deltas = numbers(histogram, `${sign}_delta`);
  const buckets: [number, number][] = [];
  let index = 0;
  let count = 0;
  for (const [offset, length] of spans(histogram, sign)) {
    index += offset;
    for (let i = 0; i < length; i++, index++) {
      count += deltas.shift() ?? Number.NaN;
      if (count !== 0) buckets.push([index, count]);
    }
  }
  expect(deltas).toEqual([]);
  return buckets;
}

describeWith(['protoc'], 'native histograms in protobuf', () => {
  test('both signs, the zero bucket, infinities and NaN', async () => {
    const registry = new Registry();
    const native = { schema: 2, zeroThreshold: 0.001 };
    const histogram = new Histogram({ name: 'h', help: 'H', native, buckets: false, registers: [registry] });
    for (const value of [0, 0.0005, 1, 1, 1.1, 5, -5, Infinity, -Infinity, Number.NaN]) histogram.observe(value);
    const found = await histogramIn(registry);
    expect(number(found, 'sample_count')).toBe(10);
    expect(number(found, 'sample_sum')).toBeNaN();
    expect([number(found, 'schema'), number(found, 'zero_threshold'), number(found, 'zero_count')]).toEqual([
      2, 0.001, 2,
    ]);
    const five = 10;
    expect(nativeUpperBound(2, five)).toBeGreaterThan(5);
    expect(bucketsOf(found, 'positive')).toEqual([
      [0, 2],
      [1, 1],
      [five, 1],
      [4097, 1],
    ]);
    expect(bucketsOf(found, 'negative')).toEqual([
      [five, 1],
      [4097, 1],
    ]);
    expect(all(found, 'bucket')).toEqual([]);
  });

  test('gaps of one or two buckets are filled, wider ones begin a span', async () => {
    const registry = new Registry();
    const histogram = new Histogram({ name: 'h', help: 'H', native: true, buckets: false, registers: [registry] });
    for (const index of [-3, -1, 2, 6, 10]) histogram.observe(nativeUpperBound(3, index));
    const found = await histogramIn(registry);
    expect(spans(found, 'positive')).toEqual([
      [-3, 6],
      [3, 1],
      [3, 1],
    ]);
    expect(numbers(found, 'positive_delta')).toEqual([1, -1, 1, -1, 0, 1, 0, 0]);
    expect(spans(found, 'negative')).toEqual([]);
  });

  test('one without observations differs from a classic one', async () => {
    const registry = new Registry();
    new Histogram({ name: 'h', help: 'H', native: { zeroThreshold: 0 }, buckets: false, registers: [registry] });
    const found = await histogramIn(registry);
    expect(spans(found, 'positive')).toEqual([[0, 0]]);
    expect([number(found, 'schema'), number(found, 'zero_threshold'), number(found, 'sample_count')]).toEqual([
      3, 0, 0,
    ]);
  });

  test('native and classic buckets in one message', async () => {
    const registry = new Registry();
    const histogram = new Histogram({ name: 'h', help: 'H', native: true, buckets: [1, 2], registers: [registry] });
    for (const value of [0.5, 1.5, 7]) histogram.observe(value);
    const found = await histogramIn(registry);
    expect(all(found, 'bucket').map((bucket) => number(bucket, 'cumulative_count'))).toEqual([1, 2]);
    expect(bucketsOf(found, 'positive').length).toBe(3);
    const text = await registry.metrics();
    expect(text).toContain('h_bucket{le="1.0"} 1\nh_bucket{le="2.0"} 2\nh_bucket{le="+Inf"} 3\nh_sum 9\nh_count 3\n');
  });

  test('text pages of a native-only histogram have the bucket +Inf, the sum and the count', async () => {
    const registry = new Registry();
    const histogram = new Histogram({ name: 'h', help: 'H', native: true, buckets: false, registers: [registry] });
    histogram.observe(0.5);
    const lines = 'h_bucket{le="+Inf"} 1\nh_sum 0.5\nh_count 1\n';
    expect(await registry.metrics()).toContain(lines);
    expect((await registry.render('application/openmetrics-text;version=1.0.0')).text).toContain(lines);
  });

  test('later pages show what has been observed since, series by series', async () => {
    const registry = new Registry();
    const histogram = new Histogram({
      name: 'h',
      help: 'H',
      labelNames: ['i'],
      native: { maxBuckets: 4 },
      registers: [registry],
    });
    const counts = async () => {
      const [family] = decodeFamilies((await registry.render(PROTOBUF)).body);
      return all(family, 'metric').map((metric) => {
        const found = only(metric, 'histogram');
        const inBuckets = bucketsOf(found, 'positive').reduce((sum, [, count]) => sum + count, 0);
        return [
          String(only(metric, 'label').value?.[0]),
          number(found, 'sample_count'),
          inBuckets,
          number(found, 'schema'),
        ];
      });
    };
    for (const i of [1, 2, 3]) histogram.observe({ i }, i);
    expect(await counts()).toEqual([1, 2, 3].map((i) => [String(i), 1, 1, 3]));
    histogram.observe({ i: 2 }, 20_000);
    for (let value = 1; value < 2 ** 10; value *= 2) histogram.observe({ i: 3 }, value);
    expect(await counts()).toEqual([
      ['1', 1, 1, 3],
      ['2', 2, 2, 3],
      ['3', 11, 11, expect.any(Number)],
    ]);
    histogram.remove({ i: 2 });
    expect((await counts()).map(([i]) => i)).toEqual(['1', '3']);
  });

  test('any buckets survive a round trip', async () => {
    const bucket = fc.record({
      index: fc.integer({ min: -5000, max: 5000 }),
      count: fc.integer({ min: 1, max: 2 ** 48 }),
    });
    const buckets = fc
      .uniqueArray(bucket, { selector: ({ index }) => index })
      .map((list) => list.sort((a, b) => a.index - b.index));
    await fc.assert(
      fc.asyncProperty(buckets, buckets, fc.integer({ min: -4, max: 8 }), async (positive, negative, schema) => {
        const head = { schema, zeroThreshold: 0.5, zeroCount: 7, count: 2 ** 50, sum: -1.5, exemplars: [] };
        const native: NativeHistogram = { ...head, positive, negative };
        const samples = [
          { name: 'h_bucket', labels: { le: '+Inf' }, value: 2 ** 50 },
          { name: 'h_sum', labels: {}, value: -1.5 },
          { name: 'h_count', labels: {}, value: 2 ** 50, native },
        ] as FamilySnapshot['samples'];
        const registry = new Registry();
        const family: FamilySnapshot = { name: 'h', type: 'histogram', help: 'H', unit: '', samples };
        registry.registerCollector({ name: 'h', collect: () => [family] });
        const found = await histogramIn(registry);
        const pairs = (list: NativeHistogram['positive']) => list.map(({ index, count }) => [index, count]);
        expect(bucketsOf(found, 'positive')).toEqual(pairs(positive));
        expect(bucketsOf(found, 'negative')).toEqual(pairs(negative));
        expect([number(found, 'schema'), number(found, 'sample_count')]).toEqual([schema, 2 ** 50]);
      }),
      { numRuns: runs(15) },
    );
  });
});

import { expect, test } from '@jest/globals';
import {
  Counter,
  type FamilySnapshot,
  Gauge,
  Histogram,
  Info,
  Registry,
  type Sample,
  StateSet,
  Summary,
} from 'promark';
import { describeWith } from '../../support/required-programs.js';
import { PROTOBUF } from './accept.js';
import { decodeFamilies } from './protoc.js';
import { all, type Message, number, numbers, only } from './text-format.js';

async function families(registry: Registry, accept = PROTOBUF): Promise<Map<string, Message>> {
  const { body } = await registry.render(accept);
  return new Map(decodeFamilies(body).map((family) => [String(family.name?.[0]), family]));
}

function labelsOf(metric: Message | undefined): Record<string, string> {
  return Object.fromEntries(all(metric, 'label').map(({ name, value }) => [String(name?.[0]), String(value?.[0])]));
}

describeWith(['protoc'], 'protobuf pages as protoc reads them', () => {
  test('name, help, unit and every type', async () => {
    const registry = new Registry();
    const registers = [registry];
    new Counter({ name: 'a_total', help: 'A "help"\nof ünïcödé', registers }).inc(3);
    new Gauge({ name: 'b_celsius', help: 'B', unit: 'celsius', registers }).set(-2.5);
    new Histogram({ name: 'c', help: 'C', registers });
    new Summary({ name: 'd', help: 'D', registers });
    new Info({ name: 'e', help: 'E', registers }).info({ version: '1' });
    new StateSet({ name: 'f', help: 'F', states: ['on', 'off'], registers }).state('off');
    registry.registerCollector({
      name: 'more',
      *collect(): Generator<FamilySnapshot> {
        yield { name: 'g', type: 'unknown', help: 'G', unit: '', samples: [{ name: 'g', labels: {}, value: 7 }] };
        const samples: Sample[] = [
          { name: 'h_bucket', labels: { le: '1.0' }, value: 2 },
          { name: 'h_bucket', labels: { le: '+Inf' }, value: 3 },
          { name: 'h_gcount', labels: {}, value: 3 },
          { name: 'h_gsum', labels: {}, value: 9 },
        ];
        yield { name: 'h', type: 'gaugehistogram', help: 'H', unit: '', samples };
      },
    });
    const found = await families(registry);
    expect([...found].map(([name, { type }]) => `${name} ${type?.[0]}`)).toEqual([
      'a_total COUNTER',
      'b_celsius GAUGE',
      'c HISTOGRAM',
      'd SUMMARY',
      'e_info GAUGE',
      'f GAUGE',
      'g UNTYPED',
      'h GAUGE_HISTOGRAM',
    ]);
    expect(found.get('a_total')?.help).toEqual(['A "help"\nof ünïcödé']);
    expect(found.get('b_celsius')?.unit).toEqual(['celsius']);
    const value = (name: string, kind: string) => number(only(only(found.get(name), 'metric'), kind), 'value');
    expect(value('a_total', 'counter')).toBe(3);
    expect(value('b_celsius', 'gauge')).toBe(-2.5);
    expect(value('e_info', 'gauge')).toBe(1);
    expect(value('g', 'untyped')).toBe(7);
    expect(labelsOf(only(found.get('e_info'), 'metric'))).toEqual({ version: '1' });
    const states = all(found.get('f'), 'metric').map((metric) => [
      labelsOf(metric).f,
      number(only(metric, 'gauge'), 'value'),
    ]);
    expect(states).toEqual([
      ['on', 0],
      ['off', 1],
    ]);
    const gauged = only(only(found.get('h'), 'metric'), 'histogram');
    expect([number(gauged, 'sample_count'), number(gauged, 'sample_sum')]).toEqual([3, 9]);
    expect(all(gauged, 'bucket').map((bucket) => number(bucket, 'cumulative_count'))).toEqual([2]);
  });

  test('labels: default ones, empty ones, any string, names that need escaping', async () => {
    const registry = new Registry({ defaultLabels: { app: 'shop' }, prefix: 'p_' });
    const texts = new Gauge({ name: 'x.y', help: 'X', labelNames: ['a', 'b.c'], registers: [registry] });
    texts.set({ a: 'quote " slash \\ line\nbreak ünïcödé 🜚', 'b.c': '' }, 1);
    texts.set({ a: '', 'b.c': 'x' }, 2);
    const escaped = (await families(registry)).get('p_x_y');
    expect(all(escaped, 'metric').map(labelsOf)).toEqual([
      { a: 'quote " slash \\ line\nbreak ünïcödé 🜚', app: 'shop' },
      { b_c: 'x', app: 'shop' },
    ]);
    const plain = (await families(registry, `${PROTOBUF},text/plain;escaping=allow-utf-8;q=0.1`)).get('p_x.y');
    expect(all(plain, 'metric').map(labelsOf).at(1)).toEqual({ 'b.c': 'x', app: 'shop' });
  });

  test('a summary and a classic histogram', async () => {
    const registry = new Registry();
    const summary = new Summary({ name: 's', help: 'S', percentiles: [0.5, 0.9], registers: [registry] });
    const histogram = new Histogram({ name: 'h', help: 'H', buckets: [0.5, 1], registers: [registry] });
    for (const value of [0.25, 0.5, 0.75, 20]) {
      summary.observe(value);
      histogram.observe(value);
    }
    const found = await families(registry);
    const s = only(only(found.get('s'), 'metric'), 'summary');
    expect([number(s, 'sample_count'), number(s, 'sample_sum')]).toEqual([4, 21.5]);
    expect(all(s, 'quantile').map((one) => [number(one, 'quantile'), number(one, 'value')])).toEqual([
      [0.5, 0.5],
      [0.9, 20],
    ]);
    const h = only(only(found.get('h'), 'metric'), 'histogram');
    expect([number(h, 'sample_count'), number(h, 'sample_sum')]).toEqual([4, 21.5]);
    expect(all(h, 'bucket').map((one) => [number(one, 'upper_bound'), number(one, 'cumulative_count')])).toEqual([
      [0.5, 2],
      [1, 3],
    ]);
    expect(numbers(h, 'schema')).toEqual([]);
  });

  test('creation times, and samples with timestamps', async () => {
    const before = Date.now();
    const registry = new Registry();
    new Counter({ name: 'a_total', help: 'A', registers: [registry] });
    new Histogram({ name: 'b', help: 'B', registers: [registry] });
    new Summary({ name: 'c', help: 'C', registers: [registry] });
    const samples = [
      { name: 'd_total', labels: { x: '1' }, value: 1, timestamp: 1_700_000_000_123 },
      { name: 'd_created', labels: { x: '1' }, value: 1_600_000_000.5 },
    ];
    registry.registerCollector({
      name: 'more',
      collect: () => [{ name: 'd_total', type: 'counter', help: 'D', unit: '', samples }],
    });
    const found = await families(registry);
    const created = (name: string, kind: string): number => {
      const time = only(only(only(found.get(name), 'metric'), kind), 'created_timestamp');
      return number(time, 'seconds') * 1000 + (numbers(time, 'nanos')[0] ?? 0) / 1e6;
    };
    for (const [name, kind] of [
      ['a_total', 'counter'],
      ['b', 'histogram'],
      ['c', 'summary'],
    ] as const) {
      expect(created(name, kind)).toBeGreaterThanOrEqual(before);
      expect(created(name, kind)).toBeLessThanOrEqual(Date.now());
    }
    expect(created('d_total', 'counter')).toBe(1_600_000_000_500);
    expect(number(only(found.get('d_total'), 'metric'), 'timestamp_ms')).toBe(1_700_000_000_123);
  });

  test('counts of any size', async () => {
    const registry = new Registry();
    const values = [0, 1, 127, 128, 16383, 16384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1];
    const samples = values.flatMap((value): Sample[] => [
      { name: 'h_bucket', labels: { v: String(value), le: '+Inf' }, value },
      { name: 'h_sum', labels: { v: String(value) }, value: 0 },
      { name: 'h_count', labels: { v: String(value) }, value },
    ]);
    registry.registerCollector({
      name: 'h',
      collect: () => [{ name: 'h', type: 'histogram', help: 'H', unit: '', samples }],
    });
    const metrics = all((await families(registry)).get('h'), 'metric');
    expect(metrics.map((metric) => number(only(metric, 'histogram'), 'sample_count'))).toEqual(values);
  });

  test('a family without series is left out', async () => {
    const registry = new Registry();
    new Counter({ name: 'a_total', help: 'A', labelNames: ['x'], registers: [registry] });
    expect((await registry.render(PROTOBUF)).length).toBe(0);
  });
});

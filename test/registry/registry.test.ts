import { describe, expect, jest, test } from '@jest/globals';
import {
  ConflictError,
  Counter,
  counterFamily,
  Gauge,
  gaugeFamily,
  Histogram,
  Registry,
  type RegistryOptions,
  register,
  Summary,
} from 'promark';

describe('registering', () => {
  test('keeps families in order, without duplicates', async () => {
    const registry = new Registry();
    const a = new Counter({ name: 'a_total', help: 'A', registers: [registry] });
    const b = new Gauge({ name: 'b', help: 'B', registers: [registry] });
    registry.registerMetric(a);
    expect(registry.getMetricsAsArray()).toEqual([a, b]);
    expect(registry.getSingleMetric('b')).toBe(b);
    expect(registry.getSingleMetric('c')).toBeUndefined();
  });

  test('refuses a second family of the same name and names both', () => {
    const registry = new Registry();
    new Counter({ name: 'x', help: 'X', labelNames: ['a'], registers: [registry] });
    expect(() => new Histogram({ name: 'x', help: 'X', buckets: [1, 2], registers: [registry] })).toThrow(
      'A metric with the name x has already been registered. Registered: counter "x" with the labels a. New: ' +
        'histogram "x" with no labels and the buckets 1.0, 2.0, +Inf.',
    );
  });

  test.each([
    ['h_count', () => new Gauge({ name: 'h_count', help: 'G', registers: [] })],
    ['h_bucket', () => new Counter({ name: 'h_bucket', help: 'G', registers: [] })],
    ['a_b', () => new Counter({ name: 'a_b', help: 'G', registers: [] })],
  ])('refuses a family that would write samples of another: %s', (name, make) => {
    const registry = new Registry();
    new Histogram({ name: 'h', help: 'H', registers: [registry] });
    new Gauge({ name: 'a.b', help: 'A', registers: [registry] });
    expect(() => registry.registerMetric(make())).toThrow(ConflictError);
    expect(() => registry.registerMetric(make())).toThrow(`both would write samples called "${name}"`);
  });

  test('frees all sample names of a removed family', () => {
    const registry = new Registry();
    new Histogram({ name: 'h', help: 'H', registers: [registry] });
    registry.removeSingleMetric('h');
    registry.removeSingleMetric('h');
    const count = new Gauge({ name: 'h_count', help: 'G', registers: [registry] });
    expect(registry.getMetricsAsArray()).toEqual([count]);
  });

  test('adds a metric without registers to the one default registry', () => {
    const counter = new Counter({ name: 'registry_test_total', help: 'T' });
    expect(register.getSingleMetric('registry_test_total')).toBe(counter);
    expect((globalThis as Record<symbol, unknown>)[Symbol.for('promark.registry.v1')]).toBe(register);
    register.removeSingleMetric('registry_test_total');
  });
});

describe('getOrCreate', () => {
  test('returns the existing family', () => {
    const registry = new Registry();
    const config = { name: 'h', help: 'H', labelNames: ['a'], buckets: [1, 2] } as const;
    const made = registry.getOrCreate(Histogram, config);
    made.observe({ a: 'x' }, 1);
    expect(registry.getOrCreate(Histogram, { ...config, help: 'another help', buckets: [1, 2, Infinity] })).toBe(made);
    expect(registry.getMetricsAsArray()).toEqual([made]);
  });

  test.each([
    ['type', () => Summary, {}],
    ['labels', () => Histogram, { labelNames: ['b'] }],
    ['buckets', () => Histogram, { buckets: [1, 3] }],
    ['unit', () => Histogram, { unit: 'seconds' }],
  ] as const)('throws for another %s and names both', (_what, type, other) => {
    const registry = new Registry();
    registry.getOrCreate(Histogram, { name: 'h_seconds', help: 'H', labelNames: ['a'], buckets: [1, 2] });
    const config = { name: 'h_seconds', help: 'H', labelNames: ['a'], buckets: [1, 2], ...other };
    const Type = type() as new (config: object) => Histogram;
    expect(() => registry.getOrCreate(Type, config)).toThrow(
      /^Cannot create .*"h_seconds".*: histogram "h_seconds" with the labels a and the buckets 1.0, 2.0/,
    );
  });
});

describe('default labels', () => {
  test('are on every series that does not have the label itself', async () => {
    const registry = new Registry({ defaultLabels: { app: 'shop', zone: 1 } });
    const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['zone'], registers: [registry] });
    counter.inc({ zone: 'own' });
    counter.inc({ zone: '' });
    expect(await registry.metrics()).toContain('c_total{zone="own",app="shop"} 1\nc_total{app="shop",zone="1"} 1\n');
    expect((await registry.gather())[0].samples.map(({ labels }) => labels)).toEqual([
      { app: 'shop', zone: 'own' },
      { app: 'shop', zone: '1' },
    ]);
    expect((await registry.getMetricsAsJSON())[0].values[0].labels).toEqual({ app: 'shop', zone: 'own' });
  });

  test('are copied, and a change shows on the next page', async () => {
    const registry = new Registry();
    const labels = { app: 'a' };
    new Gauge({ name: 'g', help: 'G', registers: [registry] });
    registry.setDefaultLabels(labels);
    labels.app = 'changed by the caller';
    expect(await registry.metrics()).toContain('g{app="a"} 0\n');
    registry.setDefaultLabels({ app: 'b' });
    expect(await registry.metrics()).toContain('g{app="b"} 0\n');
    expect(() => registry.setDefaultLabels({ __name__: 'x' })).toThrow('__name__');
  });
});

describe('clearing and resetting', () => {
  test('clear removes everything', async () => {
    const registry = new Registry({ defaultLabels: { a: 'b' } });
    new Gauge({ name: 'g', help: 'G', registers: [registry] });
    registry.registerCollector({ name: 'c', collect: () => [gaugeFamily('x', 'X', 1)] });
    registry.clear();
    expect(await registry.metrics()).toBe('');
    new Gauge({ name: 'g', help: 'G', registers: [registry] });
    expect(await registry.metrics()).toContain('\ng 0\n');
  });

  test('resetMetrics keeps families, and a histogram without labels on the page', async () => {
    const registry = new Registry();
    const histogram = new Histogram({ name: 'h', help: 'H', buckets: [1], registers: [registry] });
    histogram.observe(0.5);
    registry.resetMetrics();
    expect(await registry.metrics()).toContain('h_bucket{le="1.0"} 0\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n');
  });

  test('removes series by a subset of their labels, in every family with these labels', async () => {
    const registry = new Registry();
    const a = new Counter({ name: 'a_total', help: 'A', labelNames: ['tenant', 'code'], registers: [registry] });
    const b = new Gauge({ name: 'b', help: 'B', labelNames: ['tenant'], registers: [registry] });
    new Gauge({ name: 'c', help: 'C', registers: [registry] }).set(1);
    for (const tenant of ['x', 'y']) {
      a.inc({ tenant, code: 200 });
      a.inc({ tenant, code: 500 });
      b.set({ tenant }, 1);
    }
    expect(registry.removeMatching({ tenant: 'x' })).toBe(3);
    expect(await registry.metrics()).not.toContain('tenant="x"');
    expect(await registry.metrics()).toContain('c 1\n');
    expect(registry.removeMatching({ tenant: 'y', code: 500 })).toBe(1);
    expect(await registry.metrics()).toContain('b{tenant="y"} 1\n');
  });
});

describe('merging', () => {
  test('shows the families of several registries, live', async () => {
    const one = new Registry();
    const two = new Registry();
    const a = new Counter({ name: 'a_total', help: 'A', registers: [one] });
    new Gauge({ name: 'b', help: 'B', registers: [two] }).set(2);
    two.registerCollector({ name: 'own', collect: () => [gaugeFamily('x', 'X', 1)] });
    const merged = Registry.merge([one, two]);
    a.inc(5);
    expect(await merged.metrics()).toMatch(/a_total 5\n[\s\S]*b 2\n[\s\S]*x 1\n/);
    new Gauge({ name: 'a_total', help: 'A', registers: [two] });
    expect(() => Registry.merge([one, two])).toThrow(ConflictError);
  });
});

describe('options', () => {
  test.each([
    [{ maxSeries: -1 }, 'maxSeries must be a whole number of 0 or more, got -1'],
    [{ collectTimeoutMs: 0.5 }, 'collectTimeoutMs must be a whole number of 1 or more, got 0.5'],
    [{ contentType: 'text/html' }, 'Content type text/html is unsupported'],
    [{ defaultLabels: { a: Symbol('s') } }, 'label "a"'],
  ])('are refused if they are %p', (options, message) => {
    expect(() => new Registry(options as unknown as RegistryOptions)).toThrow(message);
  });

  test('include a content type, as in prom-client', async () => {
    const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
    expect(registry.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(await registry.metrics()).toBe('# EOF\n');
    registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE);
    expect(await registry.metrics()).toBe('');
  });

  test('include a logger, which gets the warnings', () => {
    const warn = jest.fn();
    const registry = new Registry({ maxSeries: 1, logger: { warn } });
    const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['id'], registers: [registry] });
    for (let id = 0; id < 10; id++) counter.inc({ id });
    expect(warn.mock.calls).toHaveLength(1);
    expect(warn.mock.calls[0][0]).toContain('"c_total" has 1 series and takes no more');
  });
});

describe('one family as text', () => {
  test('equals its part of the page', async () => {
    const registry = new Registry();
    new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc();
    registry.registerCollector({ name: 'x', collect: () => [counterFamily('x_total', 'X', 3)] });
    expect(await registry.getSingleMetricAsString('a_total')).toBe(
      '# HELP a_total A\n# TYPE a_total counter\na_total 1',
    );
    await expect(registry.getSingleMetricAsString('b')).rejects.toThrow('Registry has no metric "b"');
  });
});

import { describe, expect, test } from '@jest/globals';
import * as prometheusIo from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { ConfigError, ConflictError, Counter, type ForeignMetric, Gauge, parsePage, Registry } from 'promark';
import { closeAll, start } from '../exporters/servers.js';
import { page } from '../exporters/thread/page.js';
import { PROTOBUF } from '../formats/protobuf/accept.js';

const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0';

let warnings: string[] = [];

function makeRegistry(options: ConstructorParameters<typeof Registry>[0] = {}): Registry {
  warnings = [];
  const logger = { warn: (message: string) => warnings.push(message) };
  return new Registry({ ...(options as object), logger });
}

describe.each([
  ['prom-client', promClient],
  ['@prometheus-io/client', prometheusIo as unknown as typeof promClient],
])('metrics of %s', (_, library) => {
  function everyType() {
    const registers = [new library.Registry()];
    const counter = new library.Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'], registers });
    const gauge = new library.Gauge({ name: 'users', help: 'Users', registers });
    const histogram = new library.Histogram({ name: 'seconds', help: 'Time', buckets: [0.5, 1], registers });
    const summary = new library.Summary({ name: 'bytes', help: 'Bytes', percentiles: [0.5], registers });
    counter.inc({ queue: 'a"b' }, 2);
    gauge.set(3);
    histogram.observe(0.7);
    summary.observe(8);
    return { counter, gauge, histogram, summary, all: [counter, gauge, histogram, summary] };
  }

  function registryOfAll() {
    const registry = makeRegistry();
    const metrics = everyType();
    for (const metric of metrics.all) registry.registerMetric(metric);
    return { registry, ...metrics };
  }

  test('are on text pages with their values at the scrape', async () => {
    const { registry, counter } = registryOfAll();
    counter.inc({ queue: 'c' });
    const text = await registry.metrics();
    expect(text).toContain('# HELP jobs_total Jobs\n# TYPE jobs_total counter\njobs_total{queue="a\\"b"} 2\n');
    expect(text).toContain('jobs_total{queue="c"} 1\n');
    expect(text).toContain('# TYPE users gauge\nusers 3\n');
    expect(text).toContain(
      'seconds_bucket{le="0.5"} 0\nseconds_bucket{le="1.0"} 1\nseconds_bucket{le="+Inf"} 1\nseconds_sum 0.7\nseconds_count 1\n',
    );
    expect(text).toContain('# TYPE bytes summary\nbytes{quantile="0.5"} 8\nbytes_sum 8\nbytes_count 1\n');
    expect(warnings).toEqual([]);
  });

  test('are on OpenMetrics and protobuf pages, in snapshots and in JSON', async () => {
    const { registry, gauge } = registryOfAll();
    const openMetrics = await registry.render(OPEN_METRICS);
    expect(parsePage(openMetrics.text, openMetrics.contentType).map(({ name, type }) => [name, type])).toEqual([
      ['jobs_total', 'counter'],
      ['users', 'gauge'],
      ['seconds', 'histogram'],
      ['bytes', 'summary'],
    ]);
    const { body } = await registry.render(PROTOBUF);
    for (const name of ['jobs_total', 'users', 'seconds', 'bytes']) expect(Buffer.from(body).includes(name)).toBe(true);
    expect((await registry.gather()).map(({ name, samples }) => [name, samples.length])).toEqual([
      ['jobs_total', 1],
      ['users', 1],
      ['seconds', 5],
      ['bytes', 3],
    ]);
    const json = await registry.getMetricsAsJSON();
    expect(json[1]).toEqual(await gauge.get());
    expect(json[2].values.map(({ labels }) => labels.le)).toEqual([0.5, 1, '+Inf', undefined, undefined]);
  });

  test('are returned as they were registered', async () => {
    const { registry, counter, all } = registryOfAll();
    registry.registerMetric(counter);
    expect(registry.getSingleMetric('jobs_total')).toBe(counter);
    expect(registry.getMetricsAsArray()).toEqual(all);
    expect(await registry.getMetricsAsString(counter)).toContain('jobs_total{queue="a\\"b"} 2');
    expect(await registry.getSingleMetricAsString('users')).toContain('users 3');
    expect(registry.manifest().map(({ name }) => name)).toEqual(['jobs_total', 'users', 'seconds', 'bytes']);
  });

  test('get the prefix and default labels, and are selected by name', async () => {
    const registry = makeRegistry({ prefix: 'shop_', defaultLabels: { app: 'x' } });
    for (const metric of everyType().all) registry.registerMetric(metric);
    const { text } = await registry.render({ names: ['shop_seconds_count'] });
    expect(text).toContain('shop_seconds_count{app="x"} 1\n');
    expect(text).not.toContain('jobs_total');
  });

  test('show exemplars on OpenMetrics pages', async () => {
    const makeTheirs = library.Registry as unknown as new (contentType: string) => promClient.Registry;
    const registers = [new makeTheirs(library.Registry.OPENMETRICS_CONTENT_TYPE)];
    const counter = new library.Counter({ name: 'hits_total', help: 'Hits', enableExemplars: true, registers });
    counter.inc({ value: 1, exemplarLabels: { trace_id: 'abc' } });
    const registry = makeRegistry();
    registry.registerMetric(counter);
    expect((await registry.render(OPEN_METRICS)).text).toMatch(/hits_total 1 # \{trace_id="abc"\} 1 [\d.]+\n/);
  });

  test('can be reset, removed, cleared and merged', async () => {
    const { registry, all } = registryOfAll();
    const merged = Registry.merge([registry, new Registry()]);
    expect(merged.getMetricsAsArray()).toEqual(all);
    registry.resetMetrics();
    expect(await registry.metrics()).toContain('users 0\n');
    registry.removeSingleMetric('users');
    expect(await registry.metrics()).not.toContain('users');
    expect(await merged.metrics()).toContain('users 0\n');
    registry.clear();
    expect(await registry.metrics()).toBe('');
  });

  test('are on the page of a server in its own thread', async () => {
    const { registry, gauge } = registryOfAll();
    const { url } = await start({ registry, thread: true });
    try {
      gauge.set(4);
      expect(await page(url)).toBe(await registry.metrics());
      expect(await page(url)).toContain('users 4\n');
    } finally {
      await closeAll();
    }
  });
});

describe('any object with a name and a get()', () => {
  const plain = (more: object = {}): ForeignMetric => ({
    name: 'plain',
    help: 'Plain',
    type: 'gauge',
    get: () => ({ values: [{ labels: { a: 1, none: undefined }, value: 5 }] }),
    ...more,
  });

  test('is a family, sync or async', async () => {
    const registry = makeRegistry();
    registry.registerMetric(plain());
    registry.registerMetric(
      plain({ name: 'later', get: async () => ({ type: 'gauge', values: [{ labels: {}, value: 6 }] }) }),
    );
    expect(await registry.metrics()).toBe(
      '# HELP plain Plain\n# TYPE plain gauge\nplain{a="1"} 5\n# HELP later Plain\n# TYPE later gauge\nlater 6\n',
    );
  });

  test('takes its type from get() if it has none itself', async () => {
    const registry = makeRegistry();
    registry.registerMetric(plain({ type: undefined, get: () => ({ type: 'counter', values: [] }) }));
    expect(await registry.metrics()).toContain('# TYPE plain counter\n');
  });

  test('is refused next to a metric that writes samples of the same name', () => {
    const registry = makeRegistry();
    new Counter({ name: 'plain_sum', help: 'P', registers: [registry] });
    expect(() => registry.registerMetric(plain({ type: 'summary' }))).toThrow(ConflictError);
    registry.registerMetric(plain());
    expect(() => registry.registerMetric(plain())).toThrow('A metric with the name plain has already been registered');
    expect(() => registry.getOrCreate(Gauge, { name: 'plain', help: 'P' })).toThrow("another library's gauge");
  });

  const hostile: readonly (readonly [string, () => unknown, string])[] = [
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'Error: broken',
    ],
    ['rejects', () => Promise.reject(new Error('broken')), 'Error: broken'],
    ['never settles', () => new Promise(() => {}), 'it took longer than 50 ms'],
    ['returns nothing', () => undefined, 'Expected get() of metric "plain" to return'],
    ['returns values that are not an array', () => ({ values: 5 }), 'Expected get() of metric "plain" to return'],
    ['returns a null value', () => ({ values: [null] }), 'TypeError'],
    [
      'returns a value that is not a number',
      () => ({ values: [{ labels: {}, value: '5' }] }),
      'value must be a number, got "5"',
    ],
    [
      'returns a label that is an object',
      () => ({ values: [{ labels: { a: {} }, value: 5 }] }),
      'the value of label "a" must be a string, number, boolean or empty, got an object {}',
    ],
    ['returns a label without a name', () => ({ values: [{ labels: { '': 'x' }, value: 5 }] }), 'ConfigError'],
    [
      'returns a sample of another name',
      () => ({ values: [{ metricName: 'healthy', labels: {}, value: 5 }] }),
      'gauge "plain" cannot have a sample named "healthy"',
    ],
    [
      'returns a series twice',
      () => ({
        values: [
          { labels: {}, value: 5 },
          { labels: {}, value: 6 },
        ],
      }),
      'twice',
    ],
  ];

  test.each(hostile)('whose get() %s loses its own family only', async (_, get, reason) => {
    const registry = makeRegistry({ collectTimeoutMs: 50 });
    registry.registerMetric(plain({ get }));
    new Gauge({ name: 'healthy', help: 'H', registers: [registry] }).set(1);
    for (const times of [1, 2]) {
      const text = await registry.metrics();
      expect(text).not.toContain('plain{');
      expect(text).not.toContain('# TYPE plain');
      expect(text).toContain('healthy 1\n');
      expect(text).toContain(`promark_collect_errors_total{family="plain"} ${times}\n`);
    }
    expect(await registry.getMetricsAsJSON()).toHaveLength(2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(reason);
  });

  test('whose reset() throws does not keep others from being reset', () => {
    const registry = makeRegistry();
    const reset = () => {
      throw new Error('cannot');
    };
    registry.registerMetric(plain({ reset }));
    const gauge = new Gauge({ name: 'healthy', help: 'H', labelNames: ['a'], registers: [registry] });
    gauge.set({ a: 'x' }, 1);
    registry.resetMetrics();
    expect(gauge.seriesCount).toBe(0);
    expect(warnings).toEqual([expect.stringContaining('Measuring failed in resetting plain')]);
  });
});

describe('registerMetric', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 5],
    ['an object without get()', { name: 'x' }],
    ['a class', Counter],
    ['a collector', { name: 'c', collect: () => [] }],
  ])('refuses %s and says what it accepts', (_, metric) => {
    const registry = makeRegistry();
    expect(() => registry.registerMetric(metric as never)).toThrow(ConfigError);
    expect(() => registry.registerMetric(metric as never)).toThrow('objects with a name and a get()');
  });

  test('shows an object that says what it is called only when it is read', async () => {
    const registry = makeRegistry();
    const values = [{ value: 3, labels: { code: 303 } }, { value: 4 }];
    const nameless = { get: async () => ({ name: 'answers', help: 'Answers', type: 'gauge', values }) };
    registry.registerMetric(nameless);
    registry.registerMetric(nameless);
    const lines = '# HELP answers Answers\n# TYPE answers gauge\nanswers{code="303"} 3\nanswers 4\n';
    expect(await registry.metrics()).toBe(lines);
    expect(await Registry.merge([registry]).metrics()).toBe(lines);
    registry.clear();
    expect(await registry.metrics()).toBe('');
  });

  test('refuses an invalid name', () => {
    expect(() => makeRegistry().registerMetric({ name: '', get: () => ({}) })).toThrow(ConfigError);
  });
});

import { describe, expect, jest, test } from '@jest/globals';
import * as prom from 'prom-client';
import { type Aggregator, Counter, Gauge, Histogram, Info, parseText, Registry } from 'promark';

describe('Registry.aggregate', () => {
  test('sums the metrics of the workers, histograms included', async () => {
    const lists = await Promise.all([worker(1), worker(2)].map((registry) => registry.getMetricsAsJSON()));
    const page = await Registry.aggregate(lists).metrics();
    expect(page).toContain('jobs_total{queue="a"} 3\njobs_total{queue="only2"} 1\n');
    expect(page).toContain(
      'seconds_bucket{le="1.0"} 1\nseconds_bucket{le="2.0"} 2\nseconds_bucket{le="+Inf"} 2\nseconds_sum 3\nseconds_count 2\n',
    );
    expect(parseText(page)).toHaveLength(3);
  });

  test.each<[Aggregator, string]>([
    ['sum', 'g 3\n'],
    ['first', 'g 1\n'],
    ['min', 'g 1\n'],
    ['max', 'g 2\n'],
    ['average', 'g 1.5\n'],
  ])('uses the aggregator of the metric: %s', async (aggregator, line) => {
    const lists = await Promise.all([worker(1, aggregator), worker(2, aggregator)].map((r) => r.getMetricsAsJSON()));
    expect(await Registry.aggregate(lists).metrics()).toContain(line);
  });

  test.each<Aggregator>(['sum', 'first', 'min', 'max', 'average', 'omit'])(
    'gives what prom-client gives by %s',
    async (by) => {
      const lists = await Promise.all([3, 1, 2].map((n) => worker(n, by).getMetricsAsJSON()));
      const theirs = prom.AggregatorRegistry.aggregate(lists as never);
      const values = (page: string) =>
        parseText(page).map(({ samples }) =>
          samples.map(({ name, labels, value }) => [name, Number(labels.le), value]),
        );
      expect(values(await Registry.aggregate(lists).metrics())).toEqual(values(await theirs.metrics()));
    },
  );

  test('leaves out metrics with omit, and refuses an unknown aggregator', async () => {
    const omitted = await worker(1, 'omit').getMetricsAsJSON();
    expect(await Registry.aggregate([omitted]).metrics()).not.toContain('# TYPE g ');
    const odd = omitted.map((metric) => ({ ...metric, aggregator: 'median' as Aggregator }));
    expect(() => Registry.aggregate([odd])).toThrow('aggregator must be one of sum, first, min');
  });

  test.each([
    ['the same series twice', { a: 1 }, { a: '1' }, 1, 'has the series'],
    ['a label that is no label name', { a: 1 }, { __a: '1' }, 1, 'begins with "__"'],
    ['a value that is not a number', { a: 1 }, { a: 2 }, '1', 'value must be a number, got "1"'],
  ])('leaves out a metric with %s', async (_what, first, second, value, reason) => {
    const list = [
      { name: 'g', help: 'G', type: 'gauge', values: [first, second].map((labels) => ({ labels, value })) },
    ];
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const page = await Registry.aggregate([list as never, await worker(1).getMetricsAsJSON()]).metrics();
      expect(page).not.toContain('g{');
      expect(page).toContain('promark_collect_errors_total{family="g"} 1\n');
      expect(warn.mock.calls.flat().join()).toContain(reason);
    } finally {
      warn.mockRestore();
    }
  });

  test('survives the trip through JSON between processes', async () => {
    const list = JSON.parse(JSON.stringify(await worker(2).getMetricsAsJSON())) as never;
    expect(await Registry.aggregate([list, list]).metrics()).toContain('jobs_total{queue="a"} 4\n');
  });
});

describe('getMetricsAsJSON', () => {
  test('returns the same as prom-client', async () => {
    const own = new Registry();
    const theirs = new prom.Registry();
    const make = (lib: { Histogram: unknown; Counter: unknown }, registry: unknown) => {
      const { Histogram: H, Counter: C } = lib as typeof prom;
      const config = { help: 'H', labelNames: ['a'], registers: [registry as prom.Registry] };
      new H({ ...config, name: 'h', buckets: [0.5, 2] }).observe({ a: 'x' }, 1);
      new C({ ...config, name: 'c' }).inc({ a: 'x' }, 3);
    };
    make({ Histogram, Counter }, own);
    make(prom, theirs);
    const plain = (list: unknown) => JSON.parse(JSON.stringify(list)) as { name: string; values: object[] }[];
    const expected = plain(await theirs.getMetricsAsJSON()).map(({ name, values }) => ({
      name,
      values: values.map((value) => ({ ...value, exemplar: undefined })),
    }));
    expect(plain(await own.getMetricsAsJSON())).toMatchObject(plain(expected));
  });
});

function worker(n: number, aggregator: Aggregator = 'sum'): Registry {
  const registry = new Registry();
  const jobs = new Counter({ name: 'jobs_total', help: 'J', labelNames: ['queue'], registers: [registry] });
  jobs.inc({ queue: 'a' }, n);
  if (n === 2) jobs.inc({ queue: 'only2' });
  new Histogram({ name: 'seconds', help: 'S', buckets: [1, 2], registers: [registry] }).observe(n);
  new Gauge({ name: 'g', help: 'G', aggregator, registers: [registry] }).set(n);
  return registry;
}

describe('a label that only looks like a bound', () => {
  test('stays unchanged', async () => {
    const registry = new Registry();
    new Gauge({ name: 'g', help: 'G', labelNames: ['le', 'quantile'], registers: [registry] }).set(
      { le: '01', quantile: '1' },
      1,
    );
    new Info({ name: 'i', help: 'I', registers: [registry] }).info({ le: '5.0' });
    const [g, i] = await registry.getMetricsAsJSON();
    expect(g.values[0].labels).toEqual({ le: '01', quantile: '1' });
    expect(i.values[0].labels).toEqual({ le: '5.0' });
  });
});

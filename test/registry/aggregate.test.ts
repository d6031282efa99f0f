import { describe, expect, jest, test } from '@jest/globals';
import * as prom from 'prom-client';
import {
  type Aggregator,
  ConfigError,
  Counter,
  Gauge,
  type GaugeMerge,
  Histogram,
  Info,
  parseText,
  Registry,
  StateSet,
  Summary,
} from 'promark';
import { mergeInto, sourceOf } from '../replica/merge/sources.js';
import { sampleLines } from '../support/page.js';

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
    expect(() => Registry.aggregate([odd])).toThrow('aggregator must be one of omit, sum, first, min');
  });

  test.each([
    [undefined, 'undefined'],
    [{ name: 'a' }, 'an object {name: "a"}'],
    [[[], null], 'null'],
    [[{ name: 'a', values: [] }], 'an object {name: "a", values: […]}'],
    [[[null]], 'null'],
    [[[{ name: 'a', help: 'A' }]], 'an object {name: "a", help: "A"}'],
  ])('refuses what is not a list of lists of metrics: %j', (lists, got) => {
    const aggregated = () => Registry.aggregate(lists as object[]);
    expect(aggregated).toThrow(ConfigError);
    expect(aggregated).toThrow(`Expected an array of results of getMetricsAsJSON(), got ${got}.`);
  });

  test.each([
    ['the same series twice', { a: 1 }, { a: '1' }, 1, 'has the series'],
    ['an invalid label name', { a: 1 }, { __a: '1' }, 1, 'begins with "__"'],
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

describe('Registry.aggregate of metrics that only promark has', () => {
  const aggregated = async (registries: readonly Registry[], throughJson = true) => {
    const lists = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
    const page = await Registry.aggregate(throughJson ? JSON.parse(JSON.stringify(lists)) : lists).metrics();
    return sampleLines(page);
  };

  test.each<[GaugeMerge, string[]]>([
    ['sum', ['g 7']],
    ['livesum', ['g 7']],
    ['min', ['g 2']],
    ['livemin', ['g 2']],
    ['max', ['g 5']],
    ['livemax', ['g 5']],
    ['mostrecent', ['g 2']],
    ['livemostrecent', ['g 2']],
    ['all', ['g{worker="0"} 5', 'g{worker="1"} 2', 'g{worker="2"} 0']],
    ['liveall', ['g{worker="0"} 5', 'g{worker="1"} 2', 'g{worker="2"} 0']],
  ])('uses the mode of a gauge: %s', async (aggregate, lines) => {
    const registries = [new Registry(), new Registry(), new Registry()];
    const gauges = registries.map((registry) => {
      return new Gauge({ name: 'g', help: 'G', aggregate, registers: [registry] });
    });
    gauges[0].set(5);
    gauges[1].set(2);
    expect(await aggregated(registries)).toEqual(lines);
    gauges[0].set(5);
    if (aggregate === 'mostrecent') expect(await aggregated(registries)).toEqual(['g 5']);
  });

  test('refuses a mode that does not exist', () => {
    const list = [{ name: 'g', help: 'G', type: 'gauge', aggregator: 'sum', aggregate: 'median', values: [] }];
    expect(() => Registry.aggregate([list as never])).toThrow('"g": aggregate must be one of all, liveall, sum');
  });

  test('leaves out quantiles that cannot be computed, and keeps those that can', async () => {
    const registries = [new Registry(), new Registry(), new Registry()];
    const make = (name: string) => (registry: Registry) =>
      new Summary({ name, help: 'S', percentiles: [0.5], labelNames: ['a'], registers: [registry] });
    const [first, second] = registries.map(make('s'));
    for (const value of [1, 3]) first.observe({ a: 'differs' }, value);
    second.observe({ a: 'differs' }, 7);
    for (const summary of [first, second]) summary.observe({ a: 'same' }, 2);
    second.observe({ a: 'one' }, 4);
    first.zero({ a: 'one' });
    expect(await aggregated(registries)).toEqual([
      's_sum{a="differs"} 11',
      's_count{a="differs"} 3',
      's{a="same",quantile="0.5"} 2',
      's_sum{a="same"} 4',
      's_count{a="same"} 2',
      's{a="one",quantile="0.5"} 4',
      's_sum{a="one"} 4',
      's_count{a="one"} 1',
    ]);
  });

  test('has the states and infos of all, each once, and the newest exemplar', async () => {
    const registries = [new Registry(), new Registry()];
    for (const [i, registry] of registries.entries()) {
      const registers = [registry];
      new StateSet({ name: 'task', help: 'T', states: ['a', 'b', 'c'], registers }).state(i === 0 ? 'a' : 'b');
      new StateSet({ name: 'both', help: 'T', states: ['a', 'b'], registers }).state('b');
      new Info({ name: 'build', help: 'B', registers }).info({ version: '1' });
      const seconds = new Histogram({ name: 's', help: 'S', buckets: [1], enableExemplars: true, registers });
      seconds.observe({ value: i + 2, exemplarLabels: { id: String(i) } });
      const now = Date.now();
      while (Date.now() === now);
    }
    const lists = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
    const page = await Registry.aggregate(lists.reverse(), Registry.OPENMETRICS_CONTENT_TYPE).metrics();
    expect(sampleLines(page).map((line) => line.replace(/ [\d.]+$/, ''))).toEqual([
      'task{task="a"}',
      'task{task="b"}',
      'task{task="c"}',
      'both{both="a"}',
      'both{both="b"}',
      'build_info{version="1"}',
      's_bucket{le="1.0"}',
      expect.stringMatching(/^s_bucket\{le="\+Inf"\} 2 # \{id="1"\} 3/),
      's_sum',
      's_count',
    ]);
    expect(page).toMatch(/task="a"\} 1\n.*task="b"\} 1\n.*task="c"\} 0\n/);
    expect(page).toMatch(/both="a"\} 0\n.*both="b"\} 1\n/);
    expect(page).toContain('build_info{version="1"} 1\n');
  });

  test('is that of a merged page if it is aggregated again', async () => {
    const registries = [new Registry(), new Registry()];
    for (const [i, registry] of registries.entries()) {
      new Gauge({ name: 'g', help: 'G', aggregator: 'max', registers: [registry] }).set(i + 1);
      new Gauge({ name: 'm', help: 'M', aggregate: 'min', registers: [registry] }).set(i + 1);
    }
    mergeInto(registries[0], [sourceOf(registries[1], 1)]);
    expect(await aggregated([registries[0], registries[0]])).toEqual(['g 2', 'm 1']);
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

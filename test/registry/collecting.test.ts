import { describe, expect, test } from '@jest/globals';
import { type Collector, Counter, counterFamily, type FamilySnapshot, Gauge, gaugeFamily, Registry } from 'promark';

describe('collect of a metric', () => {
  test('is called before every page, async or not, with the metric as this', async () => {
    const registry = new Registry();
    let calls = 0;
    new Gauge({
      name: 'a',
      help: 'A',
      registers: [registry],
      collect() {
        this.set(++calls);
      },
    });
    new Gauge({
      name: 'b',
      help: 'B',
      registers: [registry],
      async collect() {
        this.set(await Promise.resolve(7));
      },
    });
    expect(await registry.metrics()).toContain('a 1\n');
    expect(await registry.metrics()).toMatch(/a 2\n[\s\S]*b 7\n/);
  });

  test.each<[string, () => void | Promise<void>, string]>([
    [
      'throws',
      () => {
        throw new Error('no database');
      },
      'Error: no database',
    ],
    ['rejects', () => Promise.reject(new Error('no database')), 'Error: no database'],
    ['never settles', () => new Promise<void>(() => {}), 'it took longer than 50 ms'],
    [
      'throws null',
      () => {
        throw null;
      },
      'null',
    ],
  ])('leaves the family out, counts it and warns once if it %s', async (_what, collect, reason) => {
    const { registry, warnings } = watched();
    new Gauge({ name: 'bad', help: 'B', registers: [registry], collect });
    new Gauge({ name: 'good', help: 'G', registers: [registry] }).set(1);
    const first = await registry.metrics();
    expect(first).toContain('good 1\n');
    expect(first).not.toContain('bad 0');
    expect(await registry.metrics()).toContain('promark_collect_errors_total{family="bad"} 2\n');
    expect(warnings).toEqual([
      `promark: "bad" is left out of the page, because collecting it failed: ${reasonIn(reason)}`,
    ]);
  });

  test('is not started again while it is still running for an earlier page', async () => {
    const { registry } = watched();
    let started = 0;
    let finish = () => {};
    const collect = (): Promise<void> => {
      started += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    new Gauge({ name: 'slow', help: 'S', registers: [registry], collect });
    await registry.metrics();
    await registry.metrics();
    expect(started).toBe(1);
    finish();
    await Promise.resolve();
    const page = registry.metrics();
    finish();
    expect(await page).toContain('slow 0\n');
    expect(started).toBe(2);
  });

  test('may register metrics, which show from the next page on', async () => {
    const { registry } = watched();
    new Gauge({
      name: 'maker',
      help: 'M',
      registers: [registry],
      collect: () => void registry.getOrCreate(Gauge, { name: 'made', help: 'M' }),
    });
    expect(await registry.metrics()).not.toContain('made');
    expect(await registry.metrics()).toContain('made 0\n');
  });

  test('may remove metrics', async () => {
    const { registry } = watched();
    new Gauge({ name: 'a', help: 'A', registers: [registry], collect: () => registry.removeSingleMetric('b') });
    new Gauge({ name: 'b', help: 'B', registers: [registry] });
    await registry.metrics();
    expect(await registry.metrics()).not.toContain('\nb 0');
  });

  test('with a throwing setFunction leaves the family out', async () => {
    const { registry } = watched();
    const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['l'], registers: [registry] });
    gauge.labels('ok').setFunction(() => 1);
    gauge.labels('bad').setFunction(() => {
      throw new Error('x');
    });
    expect(await registry.metrics()).not.toContain('g{');
    gauge.labels('bad').setFunction(undefined);
    expect(await registry.metrics()).toContain('g{l="ok"} 1\n');
  });
});

describe('a collector that yields families', () => {
  const pool: FamilySnapshot = counterFamily('pool_queries_total', 'Queries', [
    { labels: { db: 'a' }, value: 3 },
    { labels: { db: 'b' }, value: 4, timestamp: 1_600_000_000_123 },
  ]);

  test.each<[string, Collector['collect']]>([
    ['an array', () => [pool]],
    [
      'a generator',
      function* () {
        yield pool;
      },
    ],
    [
      'an async generator',
      async function* () {
        yield pool;
      },
    ],
    ['a promise', () => Promise.resolve([pool])],
  ])('may return %s', async (_what, collect) => {
    const registry = new Registry({ prefix: 'p_', defaultLabels: { app: 'x' } });
    registry.registerCollector({ name: 'pool', collect });
    expect(await registry.metrics()).toBe(
      '# HELP p_pool_queries_total Queries\n# TYPE p_pool_queries_total counter\n' +
        'p_pool_queries_total{db="a",app="x"} 3\np_pool_queries_total{db="b",app="x"} 4 1600000000123\n',
    );
    expect((await registry.render('application/openmetrics-text')).text).toContain(
      '{db="b",app="x"} 4 1600000000.123\n',
    );
  });

  test('is left out when it fails, and the rest is served', async () => {
    const { registry, warnings } = watched();
    const bad: Collector = {
      name: 'bad',
      *collect() {
        yield pool;
        throw new Error('gone');
      },
    };
    registry.registerCollector(bad);
    registry.registerCollector(bad);
    registry.registerCollector({ name: 'good', collect: () => [gaugeFamily('x', 'X', 1)] });
    expect(await registry.metrics()).toMatch(
      /^# HELP x X\n# TYPE x gauge\nx 1\n[\s\S]*promark_collect_errors_total\{family="bad"\} 1\n$/,
    );
    expect(warnings).toHaveLength(1);
    registry.removeCollector(bad);
    await registry.metrics();
    expect(await registry.metrics()).toContain('promark_collect_errors_total{family="bad"} 1\n');
  });

  test.each<[string, FamilySnapshot]>([
    ['an invalid name', { ...pool, name: '' }],
    ['a duplicate series', gaugeFamily('x', 'X', [{ value: 1 }, { labels: { a: '' }, value: 2 }])],
    ['a sample of another name', { ...pool, name: 'other' }],
    ['a value that is not a number', gaugeFamily('x', 'X', [{ value: 'five' as unknown as number }])],
    ['a label that Prometheus reserves', gaugeFamily('x', 'X', [{ labels: { __name__: 'y' }, value: 1 }])],
  ])('is left out when it yields %s', async (_what, family) => {
    const { registry } = watched();
    registry.registerCollector({ name: 'bad', collect: () => [family] });
    expect(await registry.metrics()).toContain('promark_collect_errors_total{family="bad"} 1\n');
    expect(await registry.metrics()).not.toMatch(/^(x|pool|other)/m);
  });

  test('cannot yield the name of a registered family, or of an earlier one', async () => {
    const { registry } = watched();
    new Counter({ name: 'pool_queries_total', help: 'Own', registers: [registry] });
    registry.registerCollector({ name: 'a', collect: () => [pool, gaugeFamily('x', 'X', 1)] });
    registry.registerCollector({ name: 'b', collect: () => [gaugeFamily('x', 'X', 2)] });
    const page = await registry.metrics();
    expect(page).toContain('\npool_queries_total 0\n');
    expect(page).toContain('\nx 1\n');
    expect(page).toContain('promark_collect_errors_total{family="pool_queries_total"} 1\n');
    expect(page).toContain('promark_collect_errors_total{family="x"} 1\n');
  });
});

function watched(): { registry: Registry; warnings: string[] } {
  const warnings: string[] = [];
  return {
    registry: new Registry({ collectTimeoutMs: 50, logger: { warn: (message) => warnings.push(message) } }),
    warnings,
  };
}

function reasonIn(reason: string): unknown {
  return reason.startsWith('it took') ? `PromarkError: ${reason}.` : reason;
}

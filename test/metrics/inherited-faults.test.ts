// Faults of other JavaScript clients, each of which was observed by running them.
import { describe, expect, test } from '@jest/globals';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry, Summary } from 'promark';
import { sampleLinesIn } from '../support/page.js';

describe('without the faults of other clients,', () => {
  test('two series stay apart although their concatenated values are the same', async () => {
    const registry = new Registry();
    const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a', 'b'], registers: [registry] });
    hits.inc({ a: 'x|', b: 'y' });
    hits.inc({ a: 'x', b: '|y' });
    expect(await sampleLinesIn(registry)).toEqual(['hits_total{a="x|",b="y"} 1', 'hits_total{a="x",b="|y"} 1']);
  });

  test('a label object that is changed later does not change the page', async () => {
    const registry = new Registry();
    const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a'], registers: [registry] });
    const labels = { a: 'x' };
    hits.inc(labels);
    labels.a = 'y';
    expect(await sampleLinesIn(registry)).toEqual(['hits_total{a="x"} 1']);
    const { values } = await hits.get();
    (values[0].labels as Record<string, unknown>).a = 'z';
    expect(await sampleLinesIn(registry)).toEqual(['hits_total{a="x"} 1']);
  });

  test('the array of buckets is not frozen', () => {
    const buckets = [1, 2];
    new Histogram({ name: 'h', help: 'H', buckets, registers: [] });
    expect(Object.isFrozen(buckets)).toBe(false);
  });

  test('a label that is undefined is not printed', async () => {
    const registry = new Registry();
    const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a'], registers: [registry] });
    hits.inc({ a: undefined });
    expect(await sampleLinesIn(registry)).toEqual(['hits_total 1']);
  });

  test('NaN is refused as an increment', async () => {
    const registry = new Registry();
    const hits = new Counter({ name: 'hits_total', help: 'Hits', registers: [registry] });
    expect(() => hits.inc(Number.NaN)).toThrow();
    expect(await sampleLinesIn(registry)).toEqual(['hits_total 0']);
  });

  test('unsorted buckets are refused', () => {
    expect(() => new Histogram({ name: 'h', help: 'H', buckets: [2, 1], registers: [] })).toThrow();
  });

  test('+Inf is printed once even if it is listed', async () => {
    const registry = new Registry();
    new Histogram({ name: 'h', help: 'H', buckets: [1, Number.POSITIVE_INFINITY], registers: [registry] });
    expect((await sampleLinesIn(registry)).filter((line) => line.includes('+Inf'))).toEqual(['h_bucket{le="+Inf"} 0']);
  });

  test('a histogram without labels stays on the page when it is reset', async () => {
    const registry = new Registry();
    const seconds = new Histogram({ name: 'h', help: 'H', buckets: [], registers: [registry] });
    seconds.observe(1);
    seconds.reset();
    expect(await sampleLinesIn(registry)).toEqual(['h_bucket{le="+Inf"} 0', 'h_sum 0', 'h_count 0']);
    seconds.observe(2);
    registry.resetMetrics();
    expect(await sampleLinesIn(registry)).toEqual(['h_bucket{le="+Inf"} 0', 'h_sum 0', 'h_count 0']);
  });

  test('one failing collect does not fail the page', async () => {
    const registry = new Registry({ logger: { warn() {} } });
    new Gauge({
      name: 'bad',
      help: 'Bad',
      registers: [registry],
      collect() {
        throw new Error('no');
      },
    });
    new Gauge({ name: 'good', help: 'Good', registers: [registry] });
    expect(await sampleLinesIn(registry)).toContain('good 0');
  });

  test('an OpenMetrics page does not change the name of a metric', async () => {
    const registry = new Registry();
    const hits = new Counter({ name: 'hits_total', help: 'Hits', registers: [registry] });
    await registry.render('application/openmetrics-text');
    expect(hits.name).toBe('hits_total');
    expect((await hits.get()).name).toBe('hits_total');
    expect(await sampleLinesIn(registry)).toEqual(['hits_total 0']);
  });

  test('a quote in HELP is escaped where the format requires it', async () => {
    const registry = new Registry();
    new Gauge({ name: 'g', help: 'The "g" \\ of\nall', registers: [registry] });
    expect(await registry.metrics()).toContain('# HELP g The "g" \\\\ of\\nall\n');
    expect((await registry.render('application/openmetrics-text')).text).toContain(
      '# HELP g The \\"g\\" \\\\ of\\nall\n',
    );
  });

  test('an observation counts once in a summary with age buckets', async () => {
    const summary = new Summary({ name: 's', help: 'S', percentiles: [0.5], maxAgeSeconds: 60, registers: [] });
    for (const value of [1, 2, 3]) summary.observe(value);
    expect((await summary.get()).values[0].value).toBe(2);
  });

  test('default metrics can be collected a second time', () => {
    const register = new Registry();
    const handles = [collectDefaultMetrics({ register }), collectDefaultMetrics({ register })];
    for (const handle of handles) handle.stop();
  });
});

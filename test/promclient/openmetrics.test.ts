import { expect, test } from '@jest/globals';
import * as prom from 'prom-client';
import { Counter, Gauge, Histogram, Registry } from 'promark';

/** The lines of a page, but for the form of bounds. */
const lines = (page: string) => page.replaceAll('="1.0"', '="1"').split('\n');

test('metrics() in OpenMetrics has the lines of prom-client, _total included', async () => {
  const [ours, theirs] = [new Registry(Registry.OPENMETRICS_CONTENT_TYPE), new prom.Registry()];
  theirs.setContentType(prom.Registry.OPENMETRICS_CONTENT_TYPE as never);
  for (const [library, registers] of [
    [{ Counter, Gauge, Histogram }, [ours]],
    [prom, [theirs]],
  ] as [typeof prom, never][]) {
    new library.Counter({ name: 'jobs', help: 'Jobs', labelNames: ['queue'], registers }).inc({ queue: 'a' }, 2);
    new library.Counter({ name: 'runs_total', help: 'Runs', registers }).inc();
    new library.Gauge({ name: 'level', help: 'Level', registers }).set(3);
    new library.Histogram({ name: 'seconds', help: 'S', buckets: [0.5, 1], registers }).observe(0.7);
  }
  const page = await ours.metrics();
  expect(lines(page)).toEqual(lines(await theirs.metrics()));
  expect(page).toContain('# HELP jobs Jobs\n# TYPE jobs counter\njobs_total{queue="a"} 2\n');
  expect(await ours.getSingleMetricAsString('jobs')).toContain('jobs_total{queue="a"} 2');
});

test('a page for a scraper keeps the names of counters, as in text', async () => {
  const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  new Counter({ name: 'jobs', help: 'Jobs', registers: [registry] }).inc();
  for (let round = 0; round < 2; round++) {
    expect((await registry.render('application/openmetrics-text')).text).toContain('# TYPE jobs unknown\n');
    expect(await registry.metrics()).toContain('# TYPE jobs counter\njobs_total 1\n');
  }
});

test('counters of other libraries get the suffix as well', async () => {
  const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  const get = () => ({ name: 'jobs', help: 'Jobs', type: 'counter', values: [{ value: 3, labels: {} }] });
  registry.registerMetric({ get });
  expect(await registry.metrics()).toBe('# HELP jobs Jobs\n# TYPE jobs counter\njobs_total 3\n# EOF\n');
});

test('an aggregated registry has its metrics by name', async () => {
  const worker = new Registry();
  new Gauge({ name: 'level', help: 'Level', labelNames: ['code'], registers: [worker] }).set({ code: 200 }, 3);
  const list = await worker.getMetricsAsJSON();
  const all = Registry.aggregate([list, list]);
  expect(all.getMetricsAsArray().map(({ name }) => name)).toEqual(['level']);
  const metric = all.getSingleMetric('level') as unknown as { get(): unknown };
  expect(metric.get()).toEqual({ ...list[0], values: [{ labels: { code: 200 }, value: 6 }] });
});

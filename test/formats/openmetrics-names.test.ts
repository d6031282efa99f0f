import { expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, parseOpenMetrics, Registry } from 'promark';
import { mirrored } from '../replica/mirrored.js';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

function clashing(): { registry: Registry; jobs: Counter } {
  const registry = new Registry({ prefix: 'shop_' });
  const registers = [registry];
  new Gauge({ name: 'jobs', help: 'Waiting', registers }).set(4);
  const jobs = new Counter({ name: 'jobs_total', help: 'Done', enableExemplars: true, registers });
  jobs.inc(1, { trace_id: 'a' });
  new Counter({ name: 'calls_total', help: 'Calls', registers }).inc(2);
  return { registry, jobs };
}

test('a counter whose name without _total is another family is shown as unknown, with the same series', async () => {
  const { registry, jobs } = clashing();
  const page = (await registry.render(OPENMETRICS)).text;
  expect(page).toBe(`\
# TYPE shop_jobs gauge
# HELP shop_jobs Waiting
shop_jobs 4
# TYPE shop_jobs_total unknown
# HELP shop_jobs_total Done
shop_jobs_total 1
# TYPE shop_calls counter
# HELP shop_calls Calls
shop_calls_total 2
# EOF
`);
  parseOpenMetrics(page, { asExposed: true });
  jobs.inc(6);
  expect((await registry.render(OPENMETRICS)).text).toBe(page.replace('jobs_total 1', 'jobs_total 7'));
});

test('it is a counter on every other page, and once the other family has gone', async () => {
  const { registry } = clashing();
  expect(await registry.metrics()).toContain('# TYPE shop_jobs_total counter\nshop_jobs_total 1\n');
  await registry.render(OPENMETRICS);
  registry.removeSingleMetric('jobs');
  const page = (await registry.render(OPENMETRICS)).text;
  expect(page).toMatch(/^# TYPE shop_jobs counter\n.*\nshop_jobs_total 1 # \{trace_id="a"\} 1 /);
});

test('so is the family of a collector, and that of a server in its own thread', async () => {
  const registry = new Registry();
  new Histogram({ name: 'jobs', help: 'H', buckets: [1], registers: [registry] }).observe(1);
  const samples = [{ name: 'jobs_total', labels: {}, value: 3 }];
  const family = { name: 'jobs_total', type: 'counter', help: 'Done', unit: '', samples } as const;
  registry.registerCollector({ name: 'done', collect: () => [family] });
  const page = (await registry.render(OPENMETRICS)).text;
  expect(page).toContain('# TYPE jobs_total unknown\n# HELP jobs_total Done\njobs_total 3\n# EOF\n');
  const thread = mirrored(clashing().registry);
  expect(await thread.page(OPENMETRICS)).toContain('# TYPE shop_jobs_total unknown\n');
  thread.end();
});

test("prom-client's form of a page does the same", async () => {
  const { registry } = clashing();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  expect(await registry.metrics()).toContain('# TYPE shop_jobs_total unknown\nshop_jobs_total 1\n');
});

import { expect, test } from '@jest/globals';
import {
  Counter as PromClientCounter,
  Gauge as PromClientGauge,
  Histogram as PromClientHistogram,
  Registry as PromClientRegistry,
  Summary as PromClientSummary,
} from 'prom-client';
import { Gauge, Histogram, Registry, Summary, startHttpServer } from 'promark';

const bounds = [1e-7, 0.5, 1, 2.5, 1e6];
const newest = 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3';

function seconds(registry: Registry): Histogram {
  const histogram = new Histogram({ name: 'seconds', help: 'S', buckets: bounds, registers: [registry] });
  histogram.observe(2);
  return histogram;
}

test('with plainBounds the lines of a histogram are those of prom-client', async () => {
  const registry = new Registry({ plainBounds: true });
  seconds(registry).observe(0.7);
  const theirs = new PromClientRegistry();
  const other = new PromClientHistogram({ name: 'seconds', help: 'S', buckets: bounds, registers: [theirs] });
  for (const value of [2, 0.7]) other.observe(value);
  const expected = await theirs.metrics();
  expect(await registry.metrics()).toBe(expected);
  const page = await registry.render(newest);
  expect(page.text).toBe(expected);
  expect(page.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
});

test('with plainBounds the page of labeled families is that of prom-client, blank lines included', async () => {
  const registry = new Registry({ plainBounds: true });
  const theirs = new PromClientRegistry();
  const histogram = { name: 'h', help: 'H', labelNames: ['method'], buckets: [1, 2] };
  const summary = { name: 's', help: 'S', labelNames: ['method'], percentiles: [0.5, 1] };
  new Histogram({ ...histogram, registers: [registry] }).observe({ method: 'get' }, 1.5);
  new Summary({ ...summary, registers: [registry] }).observe({ method: 'get' }, 3);
  new PromClientHistogram({ ...histogram, registers: [theirs] }).observe({ method: 'get' }, 1.5);
  new PromClientSummary({ ...summary, registers: [theirs] }).observe({ method: 'get' }, 3);
  expect(await registry.metrics()).toBe(await theirs.metrics());
});

test('with plainBounds default labels are where prom-client has them', async () => {
  const registry = new Registry({ plainBounds: true, defaultLabels: { env: 'test', zone: 'a' } });
  const theirs = new PromClientRegistry();
  theirs.setDefaultLabels({ env: 'test', zone: 'a' });
  const config = { help: 'H', labelNames: ['method', 'zone'] };
  new Histogram({ name: 'h', ...config, buckets: [1], registers: [registry] }).observe({ method: 'get', zone: 'b' }, 1);
  new Gauge({ name: 'g', ...config, registers: [registry] }).set({ method: 'get', zone: undefined }, 1);
  new PromClientHistogram({ name: 'h', ...config, buckets: [1], registers: [theirs] }).observe(
    { method: 'get', zone: 'b' },
    1,
  );
  new PromClientGauge({ name: 'g', ...config, registers: [theirs] }).set({ method: 'get' }, 1);
  expect(await registry.metrics()).toBe(await theirs.metrics());
});

test('quantiles and metrics of prom-client are printed alike', async () => {
  const registry = new Registry({ plainBounds: true });
  new Summary({ name: 'ranks', help: 'R', percentiles: [0.5, 1], registers: [registry] }).observe(1);
  const foreign = new PromClientHistogram({ name: 'foreign', help: 'F', buckets: [1], registers: [] });
  foreign.observe(2);
  registry.registerMetric(foreign);
  registry.registerMetric(new PromClientCounter({ name: 'le_total', help: 'L', registers: [] }));
  const page = await registry.metrics();
  expect(page).toContain('\nranks{quantile="1"} 1\n');
  expect(page).toContain('\nforeign_bucket{le="1"} 0\n');
});

test('so is the page of a server in a thread of its own', async () => {
  const registry = new Registry({ plainBounds: true });
  seconds(registry);
  await using server = await startHttpServer({ registry, port: 0, host: '127.0.0.1' });
  const response = await fetch(`${server.url}`, { headers: { accept: newest } });
  expect(await response.text()).toContain('\nseconds_bucket{le="1"} 0\n');
});

test('a registry cannot have plain bounds and OpenMetrics', () => {
  const contentType = Registry.OPENMETRICS_CONTENT_TYPE;
  expect(() => new Registry({ plainBounds: true, contentType })).toThrow('text 0.0.4 only');
});

test('a registry that exists already, such as the default one, is switched over', async () => {
  const registry = new Registry();
  seconds(registry);
  expect(await registry.metrics()).toContain('le="1.0"');
  registry.setPlainBounds(true);
  expect(await registry.metrics()).toContain('le="1"');
  expect((await registry.render(newest)).text).toContain('le="1"');
  registry.setPlainBounds(false);
  expect(await registry.metrics()).toContain('le="1.0"');
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  expect(() => registry.setPlainBounds(true)).toThrow('text 0.0.4 only');
});

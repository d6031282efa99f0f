import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import * as official from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { bridge, Counter, Gauge, Histogram, Info, Registry, startHttpServer } from 'promark';
import { RegistryMetricProducer } from 'promark/otel';

const clients = [
  ['prom-client', promClient],
  ['@prometheus-io/client', official as unknown as typeof promClient],
] as const;

function makeRegistry() {
  const warnings: string[] = [];
  return { registry: new Registry({ logger: { warn: (message) => warnings.push(message) } }), warnings };
}

test.each(clients)('the pages of promark and %s show the families of both', async (_, client) => {
  const { registry, warnings } = makeRegistry();
  const other = new client.Registry();
  const theirs = new client.Histogram({ name: 'their_seconds', help: 'T', buckets: [1], registers: [other] });
  theirs.observe(2);
  const before = new Counter({ name: 'before_total', help: 'B', labelNames: ['a'], registers: [registry] });
  using joined = bridge(other, registry);
  before.inc({ a: 'x' }, 3);
  new Gauge({
    name: 'after',
    help: 'A',
    registers: [registry],
    collect() {
      this.set(7);
    },
  });
  new Info({ name: 'build', help: 'B', registers: [registry] }).info({ version: '1' });
  for (const page of [await registry.metrics(), await other.metrics()]) {
    expect(page).toContain('\nbefore_total{a="x"} 3\n');
    expect(page).toContain('\nafter 7\n');
    expect(page).toContain('# TYPE build_info gauge\nbuild_info{version="1"} 1\n');
    expect(page).toContain('\ntheir_seconds_sum 2\n');
    expect(page.match(/TYPE their_seconds/g)).toHaveLength(1);
  }
  registry.removeSingleMetric('after');
  expect(await other.metrics()).not.toContain('after');
  joined.stop();
  expect(await registry.metrics()).not.toContain('their_seconds');
  expect(await other.metrics()).not.toContain('before_total');
  expect(warnings).toEqual([]);
});

test.each(clients)('a name that promark and %s have is logged once, and each page shows its own', async (_, client) => {
  const { registry, warnings } = makeRegistry();
  const other = new client.Registry();
  new client.Counter({ name: 'both_total', help: 'B', registers: [other] }).inc(1);
  new Counter({ name: 'both_total', help: 'B', registers: [registry] }).inc(2);
  using _joined = bridge(other, registry);
  for (let scrape = 0; scrape < 2; scrape++) {
    expect(await registry.metrics()).toContain('\nboth_total 2\n');
    expect(await other.metrics()).toContain('\nboth_total 1\n');
  }
  expect(warnings).toEqual([expect.stringContaining('both registries have a family "both_total"')]);
});

test('the page of promark shows what OpenTelemetry has recorded', async () => {
  const { registry } = makeRegistry();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const meter = provider.getMeter('shop');
  meter.createCounter('orders', { description: 'Orders' }).add(3, { tier: 'gold' });
  meter.createHistogram('price', { description: 'Price' }).record(20);
  using _joined = bridge(exporter, registry);
  new Histogram({ name: 'own', help: 'O', buckets: [1], registers: [registry] }).observe(2);
  const page = await registry.metrics();
  expect(page).toMatch(/\norders_total\{tier="gold".*\} 3\n/);
  expect(page).toMatch(/\nprice_sum.* 20\n/);
  expect(page).toContain('\nown_sum 2\n');
  await provider.shutdown();
  metrics.disable();
});

test('a scrape of promark over HTTP shows what OpenTelemetry has recorded', async () => {
  const { registry } = makeRegistry();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  provider.getMeter('shop').createCounter('orders', { description: 'Orders' }).add(3, { tier: 'gold' });
  new Counter({ name: 'own_total', help: 'O', registers: [registry] }).inc(2);
  using _joined = bridge(exporter, registry);
  await using server = await startHttpServer({ registry, host: '127.0.0.1', port: 0 });
  const page = await (await fetch(server.url)).text();
  expect(page).toMatch(/\norders_total\{tier="gold".*\} 3\n/);
  expect(page).toContain('\nown_total 2\n');
  await provider.shutdown();
});

test('a scrape of OpenTelemetry over HTTP shows what promark has recorded', async () => {
  const { registry } = makeRegistry();
  const labelNames = ['tier'] as const;
  const own = new Counter({ name: 'own_total', help: 'O', labelNames, registers: [registry] });
  own.inc({ tier: 'gold' }, 2);
  new Histogram({ name: 'wait_seconds', help: 'W', buckets: [1, 5], registers: [registry] }).observe(2);
  const metricProducers = [new RegistryMetricProducer(registry)];
  const exporter = new PrometheusExporter({ preventServerStart: true, metricProducers });
  const provider = new MeterProvider({ readers: [exporter] });
  provider.getMeter('shop').createCounter('orders', { description: 'Orders' }).add(3);
  // The exporter's own server cannot listen on any free port.
  const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const scraped = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const page = await scraped();
  expect(page).toMatch(/\norders_total(\{.*\})? 3/);
  expect(page).toMatch(/\nown_total\{.*tier="gold".*\} 2/);
  expect(page).toMatch(/\nwait_seconds_bucket\{.*le="5".*\} 1/);
  own.inc({ tier: 'gold' });
  expect(await scraped()).toMatch(/\nown_total\{.*tier="gold".*\} 3/);
  await provider.shutdown();
  server.closeAllConnections();
  server.close();
});

test('anything else is refused', () => {
  expect(() => bridge({} as never)).toThrow('bridge takes a registry of prom-client');
});

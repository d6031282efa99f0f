import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Header, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Counter, parseOpenMetrics, parseText, Registry } from 'promark';
import { MetricsController, PrometheusModule, type PrometheusModuleOptions } from 'promark/nest';
import { closeApps, startApp } from './running-app.js';

afterEach(closeApps);

/** A registry with one counter at 3. */
function shop(): Registry {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
  return registry;
}

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('GET /metrics on %s', (_, adapterOf) => {
  const startWith = (options: PrometheusModuleOptions) => startApp(options, { adapter: adapterOf() });

  test('answers with text 0.0.4 by default', async () => {
    const { url } = await startWith({ registry: shop(), defaultMetrics: false, http: false });
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const page = await response.text();
    expect(page).toContain('\norders_total 3\n');
    expect(parseText(page).map(({ name }) => name)).toEqual(['orders_total']);
  });

  test('answers with OpenMetrics to a scraper that prefers it', async () => {
    const { url } = await startWith({ registry: shop(), defaultMetrics: false, http: false });
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
    const response = await fetch(`${url}/metrics`, { headers: { accept } });
    expect(response.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    const page = await response.text();
    expect(page).toMatch(/# EOF\n$/);
    expect(parseOpenMetrics(page)).toHaveLength(1);
  });

  test('answers HEAD with the headers alone', async () => {
    const { url } = await startWith({ registry: shop(), defaultMetrics: false, http: false });
    const page = await (await fetch(`${url}/metrics`)).text();
    const response = await fetch(`${url}/metrics`, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(page)));
    expect(await response.text()).toBe('');
  });

  test('compresses the page for clients that accept it', async () => {
    const { url } = await startWith({ registry: shop(), defaultMetrics: false, http: false });
    // fetch requests gzip and decompresses it.
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const plain = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(await response.text());
  });

  test('shows only the families that name[] names', async () => {
    const registry = shop();
    new Counter({ name: 'refunds_total', help: 'Refunds', registers: [registry] });
    const { url } = await startWith({ registry, defaultMetrics: false, http: false });
    const page = await (await fetch(`${url}/metrics?name[]=refunds_total`)).text();
    expect(parseText(page).map(({ name }) => name)).toEqual(['refunds_total']);
  });

  test('shows default labels and default metrics', async () => {
    const { url } = await startWith({ registry: shop(), defaultLabels: { app: 'shop' } });
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toContain('orders_total{app="shop"} 3\n');
    expect(page).toMatch(/^process_cpu_user_seconds_total\{app="shop"\} /m);
  });

  test('can switch default metrics individually', async () => {
    const { url } = await startWith({ registry: shop(), defaultMetrics: { collectors: ['version'] }, http: false });
    const families = parseText(await (await fetch(`${url}/metrics`)).text());
    expect(families.map(({ name }) => name)).toEqual(['orders_total', 'nodejs_version_info']);
  });
});

describe('the path of the endpoint', () => {
  const status = async (url: string) => (await fetch(url)).status;

  test('is outside the global prefix, like the routes that the app excludes', async () => {
    @Controller()
    class Pages {
      @Get('health')
      @Header('content-type', 'text/plain')
      health() {
        return 'fine';
      }

      @Get('orders')
      orders() {
        return [];
      }
    }
    const { url } = await startApp(
      { registry: shop() },
      { controllers: [Pages], before: (app) => app.setGlobalPrefix('api', { exclude: ['health'] }) },
    );
    expect(await status(`${url}/metrics`)).toBe(200);
    expect(await status(`${url}/api/metrics`)).toBe(404);
    expect(await status(`${url}/health`)).toBe(200);
    expect(await status(`${url}/api/orders`)).toBe(200);
    expect(await status(`${url}/orders`)).toBe(404);
  });

  test('is under the global prefix with underGlobalPrefix', async () => {
    const { url } = await startApp(
      { registry: shop(), underGlobalPrefix: true },
      { before: (app) => app.setGlobalPrefix('api') },
    );
    expect(await status(`${url}/api/metrics`)).toBe(200);
    expect(await status(`${url}/metrics`)).toBe(404);
  });

  test('can be changed, or absent', async () => {
    const { url } = await startApp({ registry: shop(), path: 'internal/prom.txt' });
    expect(await status(`${url}/internal/prom.txt`)).toBe(200);
    expect(await status(`${url}/metrics`)).toBe(404);
    const none = await startApp({ registry: shop(), controller: false });
    expect(await status(`${none.url}/metrics`)).toBe(404);
  });

  test('can be that of your own controller, with guards', async () => {
    @UseGuards({ canActivate: () => false })
    class Guarded extends MetricsController {}
    const { url } = await startApp({ registry: shop(), controller: Guarded, path: '/private' });
    expect(await status(`${url}/private`)).toBe(403);

    @Controller('by-decorator')
    class Placed extends MetricsController {}
    const placed = await startApp({ registry: shop(), controller: Placed });
    expect(await status(`${placed.url}/by-decorator`)).toBe(200);
  });
});

test('two apps in one process each have a path and a registry', async () => {
  const other = new Registry();
  new Counter({ name: 'parcels_total', help: 'Parcels', registers: [other] }).inc(7);
  const [one, two] = await Promise.all([
    startApp({ registry: shop(), defaultMetrics: false, http: false }),
    startApp({ registry: other, path: '/other', defaultMetrics: false, http: false }),
  ]);
  const page = async (url: string) => (await fetch(url)).text();
  expect(await page(`${one.url}/metrics`)).toBe(
    '# HELP orders_total Orders\n# TYPE orders_total counter\norders_total 3\n',
  );
  expect(await page(`${two.url}/other`)).toContain('parcels_total 7\n');
  expect((await fetch(`${one.url}/other`)).status).toBe(404);
  expect((await fetch(`${two.url}/metrics`)).status).toBe(404);
});

test('one module class can start twice, and default metrics stop with the app', async () => {
  const registry = new Registry();
  @Module({ imports: [PrometheusModule.forRoot({ registry, http: false })] })
  class AppModule {}
  for (let round = 0; round < 2; round++) {
    const app = await NestFactory.create(AppModule, { logger: false });
    await app.init();
    expect(registry.getSingleMetric('process_start_time_seconds')).toBeDefined();
    await app.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  }
});

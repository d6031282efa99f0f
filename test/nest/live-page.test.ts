import { afterEach, describe, expect, test } from '@jest/globals';
import { type CanActivate, Controller, Get, type INestApplication, UseGuards } from '@nestjs/common';
import { ConfigError, Counter, Registry } from 'promark';
import { MetricsController, PrometheusModule, type PrometheusModuleOptions } from 'promark/nest';
import { adapters, closeApps, pageAt, startApp, startWith } from './running-app.js';

afterEach(closeApps);

const BROWSER = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

function shop(): Registry {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
  return registry;
}

async function expectPage(url: string): Promise<void> {
  const page = await fetch(url, BROWSER);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const data = await fetch(`${url}/live.json?since=`);
  expect(await data.json()).toMatchObject({ process: { pid: process.pid }, since: -1 });
}

const statusOf = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status;

class Refusing implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

describe.each(adapters)('the live page on %s', (_, adapterOf) => {
  const start = (options: PrometheusModuleOptions, before?: (app: INestApplication) => unknown) =>
    startApp({ registry: shop(), ...options }, { adapter: adapterOf(), ...(before && { before }) });

  test('is at the path of the option page, is not measured, and leaves /metrics alone', async () => {
    const { url } = await start({ page: '/live' });
    await expectPage(`${url}/live`);
    expect((await fetch(`${url}/metrics`, BROWSER)).headers.get('content-type')).toMatch(/^text\/plain; version=0/);
    expect(await pageAt(url, '/live')).toContain('orders_total 3\n');
    expect(await pageAt(url)).not.toContain('http_server_request_duration_seconds_count');
  });

  test('is nowhere without the option', async () => {
    const { url } = await start({});
    expect(await statusOf(`${url}/live`, BROWSER)).toBe(404);
    expect(await statusOf(`${url}/live/live.json`)).toBe(404);
  });

  test.each([
    [{ page: 'internal/live' }, '/internal/live'],
    [{ page: '/live', underGlobalPrefix: true }, '/api/live'],
    [{ page: '/live', outside: true }, '/live'],
    [{ page: '/live', outside: true, underGlobalPrefix: true }, '/api/live'],
  ])('is in an app with a global prefix, by %j, at %s', async (options, path) => {
    const { url } = await start(options, (app) => app.setGlobalPrefix('api'));
    await expectPage(url + path);
  });

  test.each([false, true])('asks for a token, and shows nothing before it has one (outside: %p)', async (outside) => {
    const { url } = await start({ page: '/live', outside, auth: { bearer: 'secret' } });
    const page = await fetch(`${url}/live`, BROWSER);
    expect([page.status, page.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="metrics"']);
    expect(await page.text()).toContain('<div id="app">');
    expect(await statusOf(`${url}/live/live.json`)).toBe(401);
    expect(await statusOf(`${url}/live`)).toBe(401);
    expect(await statusOf(`${url}/live/live.json`, { headers: { authorization: 'Bearer secret' } })).toBe(200);
  });

  test('is under the function of the option auth and under the guards of the endpoint', async () => {
    const auth = ({ headers }: { headers: Record<string, unknown> }) => headers['x-user'] === 'ann';
    const { url } = await start({ page: '/live', auth });
    expect(await statusOf(`${url}/live`, BROWSER)).toBe(403);
    expect(await statusOf(`${url}/live/live.json`)).toBe(403);
    expect(await statusOf(`${url}/live/live.json`, { headers: { 'x-user': 'ann' } })).toBe(200);

    const guarded = await start({ page: '/live', guards: [Refusing] });
    expect(await statusOf(`${guarded.url}/live`, BROWSER)).toBe(403);
    expect(await statusOf(`${guarded.url}/live/live.json`)).toBe(403);

    @Controller('status')
    @UseGuards(Refusing)
    class Own extends MetricsController {}
    const own = await start({ page: '/live', controller: Own });
    expect(await statusOf(`${own.url}/status`)).toBe(403);
    expect(await statusOf(`${own.url}/live/live.json`)).toBe(403);
  });
});

test('comes from a factory too', async () => {
  const factory = PrometheusModule.forRootAsync({ useFactory: () => ({ registry: shop(), page: '/live' }) });
  const { url } = await startWith([factory]);
  await expectPage(`${url}/live`);
});

test('is refused where the metrics are, on a route of the app and where there is no endpoint', async () => {
  expect(() => PrometheusModule.forRoot({ page: 'metrics/' })).toThrow(
    new ConfigError('PrometheusModule: the live page cannot be at /metrics, where the metrics are.'),
  );
  expect(() => PrometheusModule.forRoot({ page: '/live', server: 0 })).toThrow(
    /so page has no effect\. Leave it out: the server has a page of its own\./,
  );
  expect(() => PrometheusModule.forRoot({ page: '/live', controller: false })).toThrow(/so page has no effect/);
  @Controller('live')
  class Live {
    @Get()
    get(): string {
      return 'live';
    }
  }
  await expect(startApp({ page: '/live' }, { controllers: [Live] })).rejects.toThrow(
    /GET \/live is a route of Live\.get too, and only one of the two would be reached/,
  );
});

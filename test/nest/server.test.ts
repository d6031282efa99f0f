import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigError, Counter, Registry } from 'promark';
import { MetricsController, type MetricsServerOptions, MetricsServerService, PrometheusModule } from 'promark/nest';
import { authority, renewedPair, serverPair } from '../exporters/tls/certificates.js';
import { ask } from '../support/http-client.js';
import { closeApps, pageAt, startApp } from './running-app.js';

afterEach(closeApps);

const host = '127.0.0.1';

function shop(): Registry {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
  return registry;
}

describe('a server on its own port', () => {
  test('serves the page in place of the endpoint, until the app closes', async () => {
    const { app, url } = await startApp({ registry: shop(), server: { port: 0, host, thread: false } });
    const server = app.get(MetricsServerService).url ?? '';
    expect(await (await fetch(server)).text()).toContain('orders_total 3\n');
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    await app.close();
    await expect(fetch(server)).rejects.toThrow('fetch failed');
    expect(app.get(MetricsServerService).url).toBeUndefined();
  });

  test('runs next to an explicit endpoint, at the same path', async () => {
    const options = {
      registry: shop(),
      server: { port: 0, host, thread: false },
      path: 'prom/',
      defaultMetrics: false,
    };
    const { app, url } = await startApp({ ...options, controller: MetricsController });
    const server = app.get(MetricsServerService).url ?? '';
    expect(server).toMatch(/\/prom$/);
    expect(await (await fetch(server)).text()).toBe(await pageAt(url, '/prom'));
  });

  test('serves an app without HTTP', async () => {
    @Module({ imports: [PrometheusModule.forRoot({ registry: shop(), server: { port: 0, host, thread: false } })] })
    class Worker {}
    const app = await NestFactory.createApplicationContext(Worker, { logger: false });
    expect(await (await fetch(app.get(MetricsServerService).url ?? '')).text()).toContain('orders_total 3\n');
    await app.close();
  });

  test.each([true, false])('admits requests with the credentials in auth, with thread: %s', async (thread) => {
    const options = { registry: shop(), server: { port: 0, host, thread }, auth: { bearer: 'token' } };
    const { app } = await startApp(options);
    const server = app.get(MetricsServerService).url ?? '';
    const refused = await fetch(server);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="metrics"']);
    const page = await fetch(server, { headers: { authorization: 'Bearer token' } });
    expect(await page.text()).toContain('orders_total 3\n');
  });

  test('asks for the same credentials as an endpoint next to it, unless it has its own auth', async () => {
    const statuses = async (server: MetricsServerOptions) => {
      const options = { registry: shop(), controller: MetricsController, auth: { bearer: 'token' }, server };
      const { app, url } = await startApp(options);
      const headers = { authorization: 'Bearer token' };
      const urls = [`${url}/metrics`, app.get(MetricsServerService).url ?? ''];
      return Promise.all(
        urls.map(async (page) => [(await fetch(page)).status, (await fetch(page, { headers })).status]),
      );
    };
    const server = { port: 0, host, thread: false };
    const closed = [401, 200];
    expect(await statuses(server)).toEqual([closed, closed]);
    expect(await statuses({ ...server, auth: { bearer: 'another' } })).toEqual([closed, [401, 401]]);
  });

  test('speaks TLS, and can renew its certificate', async () => {
    const { app } = await startApp({ registry: shop(), server: { port: 0, host, thread: false, tls: serverPair } });
    const server = app.get(MetricsServerService);
    expect(server.url).toMatch(/^https:/);
    await server.setTls(renewedPair);
    const { status, body } = await ask(server.url ?? '', { ca: authority });
    expect([status, body.toString()]).toEqual([200, expect.stringContaining('orders_total 3\n')]);
    await app.close();
    await expect(server.setTls(serverPair)).rejects.toThrow('PrometheusModule: setTls needs a running server');
  });

  test('fails the start of an app whose port is taken, or whose options are invalid', async () => {
    const taken = createServer();
    const port = await new Promise<number>((done) => {
      taken.listen(0, host, () => done((taken.address() as { port: number }).port));
    });
    try {
      const start = startApp({ registry: shop(), server: { port, host, thread: false } });
      await expect(start).rejects.toThrow(String(port));
    } finally {
      taken.close();
    }
    await expect(startApp({ registry: shop(), server: 70_000 })).rejects.toThrow(ConfigError);
    const tls = { cert: 'server.crt', key: 'server.key' };
    await expect(startApp({ registry: shop(), server: { tls } })).rejects.toThrow('Option tls.cert is not a usable');
  });
});

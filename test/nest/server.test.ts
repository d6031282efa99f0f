import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigError, Counter, Registry } from 'promark';
import { MetricsController, MetricsServerService, PrometheusModule } from 'promark/nest';
import { closeApps, pageAt, startApp } from './running-app.js';

afterEach(closeApps);

const host = '127.0.0.1';

function shop(): Registry {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
  return registry;
}

describe('a server of its own', () => {
  test('shows the page on its own port in place of the endpoint, until the app closes', async () => {
    const { app, url } = await startApp({ registry: shop(), server: { port: 0, host, thread: false } });
    const server = app.get(MetricsServerService).url ?? '';
    expect(await (await fetch(server)).text()).toContain('orders_total 3\n');
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    await app.close();
    await expect(fetch(server)).rejects.toThrow('fetch failed');
    expect(app.get(MetricsServerService).url).toBeUndefined();
  });

  test('stands beside an endpoint that is asked for, at the same path', async () => {
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

  test('ends the start of an app whose port is taken, or whose options are wrong', async () => {
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
  });
});

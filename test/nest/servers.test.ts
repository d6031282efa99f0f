import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import { Registry } from 'promark';
import { PrometheusModule } from 'promark/nest';
import { closeServers, listen } from '../http/listening.js';
import { recorded } from '../http/recorded.js';
import { adapters, closeApps, pageAt } from './running-app.js';

afterEach(async () => {
  await closeApps();
  await closeServers();
});

@Controller('orders')
class Orders {
  @Get(':id')
  show(@Param('id') id: string) {
    return { id };
  }
}

function appOf(registry: Registry, outside = false) {
  @Module({ imports: [PrometheusModule.forRoot({ registry, defaultMetrics: false, outside })], controllers: [Orders] })
  class AppModule {}
  return AppModule;
}

describe('your own Express app', () => {
  test.each([false, true])('that Nest uses has the endpoint and is measured, with outside: %s', async (outside) => {
    const registry = new Registry();
    const own = express();
    own.get('/before/:id', (_, response) => void response.send('before'));
    const app = await NestFactory.create(appOf(registry, outside), new ExpressAdapter(own), { logger: false });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    for (const path of ['/before/1', '/orders/1', '/nothing']) await pageAt(url, path);
    expect(await recorded(registry, 3)).toEqual({
      'GET /before/:id 200': 1,
      'GET /orders/:id 200': 1,
      'GET unmatched 404': 1,
    });
    expect(await pageAt(url)).toContain('http_requests_in_progress');
    await app.close();
  });

  test.each([false, true])(
    'that Nest is mounted in shows the endpoint below the mount, with outside: %s',
    async (outside) => {
      const registry = new Registry();
      const app = await NestFactory.create(appOf(registry, outside), { logger: false });
      await app.init();
      const outer = express().use('/shop', app.getHttpAdapter().getInstance());
      const url = await listen(createServer(outer));
      for (const path of ['/shop/orders/1', '/shop/nothing', '/shop/metrics', '/elsewhere']) await pageAt(url, path);
      expect(await recorded(registry, 2)).toEqual({ 'GET /shop/orders/:id 200': 1, 'GET unmatched 404': 1 });
      expect(await pageAt(url, '/shop/metrics')).toContain('http_requests_in_progress');
      await app.close();
    },
  );
});

test.each(adapters)('an app on a Unix socket is measured, on %s', async (name, adapterOf) => {
  const folder = await mkdtemp(join(tmpdir(), 'promark-socket-'));
  const socketPath = join(folder, 'app.sock');
  const registry = new Registry();
  const app = await NestFactory.create(appOf(registry), adapterOf(), { logger: false });
  // The Fastify of Nest 11 takes a string for a port.
  await app.listen(name === 'Fastify' ? ({ path: socketPath } as never) : socketPath);
  const ask = (path: string) =>
    new Promise<string>((done, fail) => {
      request({ socketPath, path }, (response) => void text(response).then(done, fail))
        .on('error', fail)
        .end();
    });
  expect(await ask('/orders/1')).toBe('{"id":"1"}');
  expect(await recorded(registry, 1)).toEqual({ 'GET /orders/:id 200': 1 });
  expect(await ask('/metrics')).toContain('http_requests_in_progress');
  await app.close();
  await rm(folder, { recursive: true });
});

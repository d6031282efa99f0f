import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  Body,
  Controller,
  Get,
  Header,
  type INestApplication,
  type MessageEvent,
  Module,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Sse,
  StreamableFile,
  UseGuards,
  Version,
  VersioningType,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express, { type Express } from 'express';
import { type Histogram, Registry } from 'promark';
import { MetricsController, PrometheusModule, type PrometheusModuleOptions } from 'promark/nest';
import { NEVER, startWith } from 'rxjs';
import { closeServers, listen } from '../http/listening.js';
import { recorded, valuesOf } from '../http/recorded.js';
import { closeApps, startApp } from './running-app.js';

afterEach(async () => {
  await closeApps();
  for (const app of opened.splice(0)) await app.close();
  await closeServers();
});

/** Closed after the test. */
const opened: INestApplication[] = [];

const arrivals: (() => void)[] = [];

@Controller('orders')
class Orders {
  @Get(':id')
  show(@Param('id', ParseIntPipe) id: number) {
    if (id === 404) throw new NotFoundException();
    return { id };
  }

  @Post()
  place(@Body() body: unknown) {
    return body;
  }

  @Get('closed/always')
  @UseGuards({ canActivate: () => false })
  closed() {}

  @Get('slow/one')
  slow() {
    for (const arrive of arrivals.splice(0)) arrive();
    return new Promise(() => {});
  }

  @Get('file/all')
  @Header('content-type', 'text/plain')
  file() {
    return new StreamableFile(Readable.from(['a', 'b', 'c'].map((text) => Buffer.from(text))));
  }

  @Sse('events/all')
  events() {
    return NEVER.pipe(startWith<MessageEvent>({ data: 'one' }));
  }

  @Get('many/versions')
  @Version(['1', '2'])
  versioned() {
    return 1;
  }
}

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('HTTP requests on %s', (_, adapterOf) => {
  async function start(before?: (app: INestApplication) => void, http?: PrometheusModuleOptions['http']) {
    const registry = new Registry();
    const options = { registry, defaultMetrics: false, ...(http !== undefined && { http }) };
    const { url } = await startApp(options, { controllers: [Orders], adapter: adapterOf(), before });
    const ask = async (path: string, init: RequestInit = {}) => (await fetch(url + path, init)).text();
    return { registry, url, ask };
  }

  test('are counted by the template of their route', async () => {
    const { registry, ask } = await start();
    for (const path of ['/orders/1', '/orders/2?x=1', '/nothing/here']) await ask(path);
    await ask('/orders/3', { method: 'HEAD' });
    await ask('/orders', { method: 'POST' });
    expect(await recorded(registry, 5)).toEqual({
      'GET /orders/:id 200': 2,
      'GET unmatched 404': 1,
      'HEAD /orders/:id 200': 1,
      'POST /orders 201': 1,
    });
  });

  test('are counted for every method, unknown ones as other', async () => {
    const { registry, ask } = await start((app) => app.enableCors());
    const headers = { origin: 'http://shop.example', 'access-control-request-method': 'GET' };
    for (const method of ['HEAD', 'OPTIONS', 'PROPFIND']) await ask('/orders/1', { method, headers });
    expect(await recorded(registry, 3)).toEqual({
      'HEAD /orders/:id 200': 1,
      // CORS answers before routing.
      'OPTIONS unmatched 204': 1,
      'other unmatched 404': 1,
    });
  });

  test('are counted with global prefix and version', async () => {
    const { registry, ask } = await start((app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    });
    for (const path of ['/api/v1/orders/1', '/api/v2/orders/many/versions', '/orders/1']) await ask(path);
    expect(await recorded(registry, 3)).toEqual({
      'GET /api/v1/orders/:id 200': 1,
      'GET /api/v2/orders/many/versions 200': 1,
      'GET unmatched 404': 1,
    });
  });

  test('are counted if they end in a guard, a pipe, an exception or a parser', async () => {
    const { registry, ask } = await start();
    for (const path of ['/orders/closed/always', '/orders/abc', '/orders/404']) await ask(path);
    await ask('/orders', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } });
    const counts = await recorded(registry, 4);
    expect(counts).toMatchObject({
      'GET /orders/closed/always 403': 1,
      'GET /orders/:id 400': 1,
      'GET /orders/:id 404': 1,
    });
    // Express parses before it looks for a route, Fastify afterwards.
    expect(Object.keys(counts).filter((key) => key.startsWith('POST'))).toEqual([
      expect.stringMatching(/^POST (unmatched|\/orders) 400$/),
    ]);
  });

  test('are counted if they end in a middleware', async () => {
    const { registry, ask } = await start((app) => {
      app.use('/teapot', (_request: unknown, response: { statusCode: number; end(): void }) => {
        response.statusCode = 418;
        response.end();
      });
    });
    await ask('/teapot');
    expect(await recorded(registry, 1)).toEqual({ 'GET unmatched 418': 1 });
  });

  test('are counted if the client aborts them', async () => {
    const { registry, url } = await start();
    const arrived = new Promise<void>((resolve) => void arrivals.push(resolve));
    const sent = request(`${url}/orders/slow/one`).end();
    sent.on('error', () => {});
    await arrived;
    sent.destroy();
    expect(await recorded(registry, 1)).toEqual({ 'GET /orders/slow/one 499': 1 });
    expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ GET: 0 });
  });

  test('are counted if the response is a stream', async () => {
    const { registry, ask } = await start();
    expect(await ask('/orders/file/all')).toBe('abc');
    expect(await recorded(registry, 1)).toEqual({ 'GET /orders/file/all 200': 1 });
  });

  test('are counted if the client leaves their event stream', async () => {
    const { registry, url } = await start();
    const sent = request(`${url}/orders/events/all`, { headers: { accept: 'text/event-stream' } }).end();
    const [response] = await once(sent, 'response');
    response.on('error', () => {});
    response.destroy();
    expect(await recorded(registry, 1)).toEqual({ 'GET /orders/events/all 200': 1 });
  });

  test('are not counted if they are scrapes', async () => {
    const { registry, ask } = await start((app) => app.setGlobalPrefix('api'));
    expect(await ask('/metrics')).toContain('http_requests_in_progress');
    await ask('/api/orders/1');
    expect(await recorded(registry, 1)).toEqual({ 'GET /api/orders/:id 200': 1 });
  });

  test('are not counted if they are refused scrapes, at any path', async () => {
    @Controller('internal/numbers')
    class Numbers extends MetricsController {}
    const registry = new Registry();
    const options = { registry, defaultMetrics: false, controller: Numbers, underGlobalPrefix: true };
    const { url } = await startApp(
      { ...options, auth: { bearer: 'secret' } },
      { controllers: [Orders], adapter: adapterOf(), before: (app) => app.setGlobalPrefix('api') },
    );
    const answers = await Promise.all(
      ['/api/internal/numbers', '/metrics', '/api/orders/1'].map((path) => fetch(url + path)),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 404, 200]);
    expect(await recorded(registry, 2)).toEqual({ 'GET unmatched 404': 1, 'GET /api/orders/:id 200': 1 });
  });

  test('are counted according to the options, or not at all', async () => {
    const { registry, ask } = await start(undefined, { ignore: ['/orders/1'], responseSize: true, inProgress: false });
    for (const path of ['/orders/1', '/orders/2']) await ask(path);
    expect(await recorded(registry, 1)).toEqual({ 'GET /orders/:id 200': 1 });
    expect(await valuesOf(registry, 'http_response_size_bytes', '_sum')).toEqual({ 'GET /orders/:id 200': 8 });
    const native = await start(undefined, { native: true, buckets: false });
    await native.ask('/orders/1');
    await recorded(native.registry, 1);
    const family = native.registry.getSingleMetric('http_request_duration_seconds') as Histogram;
    expect(family.native?.schema).toBe(3);
    const off = await start(undefined, false);
    await off.ask('/orders/1');
    expect(off.registry.getMetricsAsArray()).toEqual([]);
  });
});

test('requests that arrive at a server other than the app’s own are counted', async () => {
  const registry = new Registry();
  @Module({ imports: [PrometheusModule.forRoot({ registry })], controllers: [Orders] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.init();
  const url = await listen(createServer(app.getHttpAdapter().getInstance()));
  await (await fetch(`${url}/orders/1`)).text();
  expect(await recorded(registry, 1)).toEqual({ 'GET /orders/:id 200': 1 });
  await app.close();
});

describe('requests to the program’s own Express app are counted', () => {
  async function startOn(prepare: (express: Express) => void, around: (express: Express) => Express) {
    const registry = new Registry();
    @Module({ imports: [PrometheusModule.forRoot({ registry, defaultMetrics: false })], controllers: [Orders] })
    class AppModule {}
    const instance = express();
    prepare(instance);
    const app = await NestFactory.create(AppModule, new ExpressAdapter(instance), { logger: false });
    await app.init();
    opened.push(app);
    return { registry, url: await listen(createServer(around(instance))) };
  }

  test('if it answers before Nest', async () => {
    const { registry, url } = await startOn(
      (instance) => instance.get('/early', (_request, response) => void response.send('here')),
      (instance) => instance,
    );
    for (const path of ['/early', '/orders/1']) await (await fetch(url + path)).text();
    expect(await recorded(registry, 2)).toEqual({ 'GET /early 200': 1, 'GET /orders/:id 200': 1 });
  });

  test('if it is mounted in another one', async () => {
    const { registry, url } = await startOn(
      () => {},
      (instance) => express().use('/shop', instance),
    );
    for (const path of ['/shop/orders/1', '/elsewhere']) await (await fetch(url + path)).text();
    expect(await recorded(registry, 1)).toEqual({ 'GET /shop/orders/:id 200': 1 });
  });
});

test('middleware of modules does not count as a route', async () => {
  const registry = new Registry();
  @Module({ imports: [PrometheusModule.forRoot({ registry })], controllers: [Orders] })
  class AppModule {
    configure(consumer: import('@nestjs/common').MiddlewareConsumer) {
      const pass = (_request: unknown, _response: unknown, next: () => void) => next();
      consumer.apply(pass).forRoutes({ path: '*path', method: 0 });
    }
  }
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  for (const path of ['/orders/1', '/nothing']) await (await fetch(url + path)).text();
  expect(await recorded(registry, 2)).toEqual({ 'GET /orders/:id 200': 1, 'GET unmatched 404': 1 });
  await app.close();
});

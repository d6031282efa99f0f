import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { Counter, Registry } from 'promark';
import { httpMetrics, metricsEndpoint } from 'promark/fastify';
import { ask, deferred } from '../support/http-client.js';
import { recorded, valuesOf } from './recorded.js';

const apps: FastifyInstance[] = [];

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function start(routes: (app: FastifyInstance) => void) {
  const registry = new Registry();
  const app = fastify({ forceCloseConnections: true });
  apps.push(app);
  app.register(httpMetrics({ registry }));
  routes(app);
  return { registry, app, url: await app.listen({ port: 0, host: '127.0.0.1' }) };
}

describe('requests are counted', () => {
  test('by the template of their route, plugin prefixes included', async () => {
    const { url, registry } = await start((app) => {
      app.get('/', async () => 'root');
      app.register(
        async (shop) => {
          shop.get('/orders/:id', async () => 'order');
          shop.register(async (items) => void items.get('/', async () => 'items'), { prefix: '/:shop/items' });
        },
        { prefix: '/api' },
      );
    });
    for (const path of ['/', '/api/orders/1', '/api/42/items/', '/none']) await ask(url + path);
    await ask(`${url}/api/orders/2`, { method: 'HEAD' });
    expect(await recorded(registry, 5)).toEqual({
      'GET / 200': 1,
      'GET /api/orders/:id 200': 1,
      'GET /api/:shop/items 200': 1,
      'GET unmatched 404': 1,
      'HEAD /api/orders/:id 200': 1,
    });
  });

  test('that end in hooks, validation and errors', async () => {
    const { url, registry } = await start((app) => {
      const schema = { querystring: { type: 'object', required: ['q'], properties: { q: { type: 'string' } } } };
      app.get('/search', { schema }, async () => 'found');
      app.get('/fails', async () => {
        throw new Error('no');
      });
      app.get('/closed', { onRequest: async (_, reply) => reply.code(401).send() }, async () => 'never');
    });
    for (const path of ['/search', '/fails', '/closed']) await ask(url + path);
    expect(await recorded(registry, 3)).toEqual({ 'GET /search 400': 1, 'GET /fails 500': 1, 'GET /closed 401': 1 });
  });

  test('that the client aborts, and that a handler answers by hijacking the reply', async () => {
    const arrived = deferred();
    const { url, registry } = await start((app) => {
      app.get('/slow', () => {
        arrived.resolve();
        return new Promise(() => {});
      });
      app.get('/raw', (_, reply) => {
        reply.hijack();
        reply.raw.writeHead(202).end('raw');
      });
    });
    const sent = request(`${url}/slow`).end();
    sent.on('error', () => {});
    await arrived.promise;
    sent.destroy();
    await ask(`${url}/raw`);
    expect(await recorded(registry, 2)).toEqual({ 'GET /slow 499': 1, 'GET /raw 202': 1 });
    expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ GET: 0 });
  });
});

describe('requests are counted too', () => {
  test('that Fastify answers before any hook', async () => {
    const { url, registry } = await start((app) => void app.get('/orders/:id', async () => 'order'));
    for (const path of ['/orders/%zz', `/orders/${'x'.repeat(1000)}`]) await ask(url + path);
    expect(await recorded(registry, 2)).toEqual({ 'GET unmatched 400': 1, 'GET unmatched 414': 1 });
  });

  test('whose stream fails halfway', async () => {
    const source = new Readable({ read() {} });
    const { url, registry } = await start((app) => void app.get('/fails', (_, reply) => reply.send(source)));
    source.push('beginning');
    const [response] = await once(request(`${url}/fails`).end(), 'response');
    response.once('data', () => source.destroy(new Error('no')));
    await once(response, 'error');
    expect(await recorded(registry, 1)).toEqual({ 'GET /fails 500': 1 });
  });

  test('over HTTP/2', async () => {
    const registry = new Registry();
    const app = fastify({ http2: true });
    app.register(httpMetrics({ registry }));
    app.get('/orders/:id', async () => 'order');
    app.get('/slow', () => new Promise(() => {}));
    const client = connect(await app.listen({ port: 0, host: '127.0.0.1' }));
    const arrived = deferred();
    app.server.on('request', ({ url }) => void (url === '/slow' && arrived.resolve()));
    for (const headers of [
      { ':path': '/orders/1' },
      { ':path': '/orders/2', ':method': 'HEAD' },
      { ':path': '/orders/2', ':method': 'OPTIONS' },
      { ':path': '/none' },
      { ':path': '/slow' },
    ]) {
      const stream = client.request(headers).resume();
      if (headers[':path'] === '/slow') void arrived.promise.then(() => stream.close(8));
      await new Promise<void>((resolve) => void stream.once('close', () => resolve()));
    }
    expect(await recorded(registry, 5)).toEqual({
      'GET /orders/:id 200': 1,
      'HEAD /orders/:id 200': 1,
      'OPTIONS unmatched 404': 1,
      'GET unmatched 404': 1,
      'GET /slow 499': 1,
    });
    client.close();
    await app.close();
  });
});

test('only requests to the instance that the plugin is registered with are counted', async () => {
  const registry = new Registry();
  const app = fastify();
  apps.push(app);
  app.get('/out', async () => 'out');
  app.register(async (inner) => {
    inner.register(httpMetrics({ registry }));
    inner.get('/in', async () => 'in');
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  for (const path of ['/out', '/in']) await ask(url + path);
  expect(await recorded(registry, 1)).toEqual({ 'GET /in 200': 1 });
});

describe('the endpoint', () => {
  test('answers scrapes, GET and HEAD, without counting them', async () => {
    const page = new Registry();
    new Counter({ name: 'orders_total', help: 'Orders', registers: [page] }).inc(3);
    const { url, registry } = await start((app) => {
      app.register(metricsEndpoint({ path: '/internal/metrics', registry: page }));
      app.get('/', async () => 'root');
    });
    const answer = await ask(`${url}/internal/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    expect(answer.headers['content-type']).toMatch(/^application\/openmetrics-text/);
    expect(String(answer.body)).toContain('orders_total 3\n');
    const head = await ask(`${url}/internal/metrics`, { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    await ask(url);
    expect(await recorded(registry, 1)).toEqual({ 'GET / 200': 1 });
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import express, { type Express, type NextFunction, type Request, type Response, Router } from 'express';
import { Registry } from 'promark';
import { type HttpMetricsOptions, httpMetrics } from 'promark/express';
import { ask, exchange } from '../exporters/client.js';
import { closeServers, listen } from './listening.js';
import { recorded } from './recorded.js';

afterEach(closeServers);

/** Asks an app for paths, each `GET` unless it says otherwise; gives what was counted. */
async function counted(app: (app: Express) => void, paths: readonly string[], options: HttpMetricsOptions = {}) {
  const { registry = new Registry() } = options;
  const made = express();
  made.use(httpMetrics({ ...options, registry }));
  app(made);
  const url = await listen(createServer(made));
  for (const path of paths) {
    const [method, target] = path.includes(' ') ? path.split(' ') : ['GET', path];
    await ask(url + target, { method });
  }
  return recorded(registry, paths.length);
}

const end = (_: Request, response: Response) => void response.end();

describe('the route', () => {
  test('is the template', async () => {
    const routes = (app: Express) => {
      app.get('/', end);
      app.get('/orders/:id', end);
      app.get(['/a', '/b'], end);
      app.get(/^\/x+$/, end);
    };
    expect(await counted(routes, ['/', '/orders/1', '/orders/2?x=1', '/b', '/xx'])).toEqual({
      'GET / 200': 1,
      'GET /orders/:id 200': 2,
      'GET /a|/b 200': 1,
      'GET /^\\/x+$/ 200': 1,
    });
  });

  test('has the places of routers in routers, with their parameters', async () => {
    const items = Router().get('/', end).get('/:item', end);
    const shops = Router().use('/items', items).use('/:shop/things', items);
    const routes = (app: Express) => void app.use('/api', Router().use('/shops', shops));
    const paths = ['/api/shops/items/1', '/api/shops/42/things', '/api/shops/4%202/things/7'];
    expect(await counted(routes, paths)).toEqual({
      'GET /api/shops/items/:item 200': 1,
      'GET /api/shops/:shop/things 200': 1,
      'GET /api/shops/:shop/things/:item 200': 1,
    });
  });

  test('is not misled by a middleware that has the same part of the path as a parameter', async () => {
    const routes = (app: Express) => {
      app.use('/:tenant', (_request, _response, next) => next());
      app.use('/api', Router().get('/x', end));
    };
    expect(await counted(routes, ['/api/x'])).toEqual({ 'GET /api/x 200': 1 });
  });

  test('has the places of mounted apps', async () => {
    const admin = express().get('/users/:id', end);
    expect(await counted((app) => void app.use('/admin/:realm', admin), ['/admin/eu/users/1'])).toEqual({
      'GET /admin/:realm/users/:id 200': 1,
    });
  });

  test('stays when an error leads out of routers', async () => {
    const routes = (app: Express) => {
      const shop = Router().get('/fail/:how', () => {
        throw new Error('no');
      });
      app.use('/shops/:shop', shop);
      app.use((_error: Error, _request: Request, response: Response, _next: NextFunction) => {
        response.status(503).end();
      });
    };
    expect(await counted(routes, ['/shops/1/fail/now'])).toEqual({ 'GET /shops/:shop/fail/:how 503': 1 });
  });

  test('is unmatched where no route takes the request', async () => {
    const routes = (app: Express) => {
      app.use('/closed', (_, response) => void response.status(401).end());
      app.get('/orders', end);
    };
    expect(await counted(routes, ['/nothing', '/closed/x', 'OPTIONS /orders', 'HEAD /orders'])).toEqual({
      'GET unmatched 404': 1,
      'GET unmatched 401': 1,
      'OPTIONS unmatched 200': 1,
      'HEAD /orders 200': 1,
    });
  });

  test('is found by a middleware further in as well, and counted once', async () => {
    const registry = new Registry();
    const routes = (app: Express) => {
      app.use(httpMetrics({ registry }));
      app.use('/in', httpMetrics({ registry }), Router().get('/:id', end));
    };
    expect(await counted(routes, ['/in/1'], { registry })).toEqual({ 'GET /in/:id 200': 1 });
  });
});

test('every request on a kept connection is counted', async () => {
  const registry = new Registry();
  const app = express().use(httpMetrics({ registry })).get('/:id', end);
  const url = await listen(createServer(app));
  const lines = ['keep-alive', 'keep-alive', 'close'].map((connection, i) => {
    return `GET /${i} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`;
  });
  await exchange(Number(new URL(url).port), lines.join(''));
  expect(await recorded(registry, 3)).toEqual({ 'GET /:id 200': 3 });
});

test('HTTP/2 requests are counted with the status that they ended with', async () => {
  const registry = new Registry();
  const measure = httpMetrics({ registry });
  const server = createHttp2Server((request, response) => {
    // Express 5 does not speak HTTP/2; the middleware does.
    measure(request as never, response as never, () => {
      if (request.url === '/ok') response.end('fine');
      else if (request.url === '/fails') response.stream.destroy(new Error('no'));
      else response.write('endless');
    });
  });
  server.on('sessionError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const path of ['/ok', '/fails', '/endless']) {
    const stream = client.request({ ':path': path }).on('error', () => {});
    if (path === '/endless') stream.once('data', () => stream.close(8));
    await new Promise((resolve) => stream.resume().once('close', resolve));
  }
  expect(await recorded(registry, 3)).toEqual({
    'GET unmatched 200': 1,
    'GET unmatched 500': 1,
    'GET unmatched 499': 1,
  });
  client.close();
  await new Promise((resolve) => server.close(resolve));
});

import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { afterEach, describe, expect, test } from '@jest/globals';
import express5, { type Express, type NextFunction, type Request, type Response } from 'express';
import express4 from 'express-4';
import { Registry } from 'promark';
import { type HttpMetricsOptions, httpMetrics } from 'promark/express';
import { ask, exchange } from '../support/http-client.js';
import { listenOnLoopback } from '../support/servers.js';
import { closeServers, listen } from './listening.js';
import { recorded } from './recorded.js';

afterEach(closeServers);

type App = (app: Express) => void;

/** Requests paths from an app, with `GET` unless a path starts with another method; returns what was counted. */
async function countedOn(
  express: typeof express5,
  app: App,
  paths: readonly string[],
  options: HttpMetricsOptions = {},
) {
  const { registry = new Registry() } = options;
  const made = express().set('env', 'test');
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

describe.each([
  ['5', express5],
  ['4', express4],
])('the route on Express %s', (_, express) => {
  const { Router } = express;
  const counted = (app: App, paths: readonly string[], options?: HttpMetricsOptions) =>
    countedOn(express, app, paths, options);

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

  test('includes the mount paths of nested routers, with their parameters', async () => {
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

  test('is not affected by middleware that matches the same path segment as a parameter', async () => {
    const routes = (app: Express) => {
      app.use('/:tenant', (_request, _response, next) => next());
      app.use('/api', Router().get('/x', end));
    };
    expect(await counted(routes, ['/api/x'])).toEqual({ 'GET /api/x 200': 1 });
  });

  test('includes the mount paths of mounted apps', async () => {
    const admin = express().get('/users/:id', end);
    expect(await counted((app) => void app.use('/admin/:realm', admin), ['/admin/eu/users/1'])).toEqual({
      'GET /admin/:realm/users/:id 200': 1,
    });
  });

  test('is kept when an error leaves the routers', async () => {
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

  test('is unmatched if no route handles the request', async () => {
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

  test('is also found by a middleware further in, and counted once', async () => {
    const registry = new Registry();
    const routes = (app: Express) => {
      app.use(httpMetrics({ registry }));
      app.use('/in', httpMetrics({ registry }), Router().get('/:id', end));
    };
    expect(await counted(routes, ['/in/1'], { registry })).toEqual({ 'GET /in/:id 200': 1 });
  });

  test('has the parameters of its mount path, whatever their values', async () => {
    const items = () => Router().get('/items/:item', end);
    const routes = (app: Express) => {
      app.use('/pairs/:left/:right', items());
      app.use('/shops/:shop', items());
      app.use('/flights/:from-:to', items());
      app.use(/^\/page(\d+)/, items());
      app.use('/users/:user', Router({ mergeParams: true }).use('/v1', items()));
    };
    const pairs = ['/pairs/1/1/items/1', '/pairs/1/2/items/1'];
    const shops = ['/shops/1/items/1', '/shops/shops/items/1'];
    const flights = ['/flights/a-b/items/1', '/flights/%C3%A4-b/items/1'];
    const others = ['/page1/items/1', '/page2/items/1', '/users/1/v1/items/1', '/users/v/v1/items/1'];
    expect(await counted(routes, [...pairs, ...shops, ...flights, ...others])).toEqual({
      'GET /pairs/:left/:right/items/:item 200': 2,
      'GET /shops/:shop/items/:item 200': 2,
      'GET /flights/:from-:to/items/:item 200': 2,
      'GET /page:0/items/:item 200': 2,
      'GET /users/:user/v1/items/:item 200': 2,
    });
  });

  test('has one name for a wildcard in its mount path, whatever its length', async () => {
    const path = express === express5 ? '/files/*path/meta' : '/files/*/meta';
    const routes = (app: Express) => void app.use(path, Router().get('/:key', end));
    const counts = await counted(routes, ['/files/a/meta/size', '/files/a/b/c/meta/size']);
    expect(Object.entries(counts)).toEqual([[expect.stringMatching(/^GET \/files\/\S+\/meta\/:key 200$/), 2]]);
  });

  test('has one spelling, whatever case clients use for its mount path', async () => {
    const routes = (app: Express) => void app.use('/api', Router().get('/:id', end));
    expect(await counted(routes, ['/api/1', '/API/2', '/Api/3'])).toEqual({ 'GET /api/:id 200': 3 });
  });

  test('has a bounded number of mount paths, even for a regular expression that matches anything', async () => {
    const routes = (app: Express) => void app.use(/^\/x\d+/, Router().get('/y', end));
    const paths = Array.from({ length: 1002 }, (_, i) => `/x${i}/y`);
    const counts = await counted(routes, paths);
    expect(Object.keys(counts).length).toBe(1001);
    expect(counts['GET /*/y 200']).toBe(2);
  });

  test('is found for any method, and is unmatched if none handles the method', async () => {
    const routes = (app: Express) => {
      app.all('/any', end);
      app.options('/asked', end);
    };
    const paths = ['OPTIONS /any', 'HEAD /any', 'PURGE /any', 'OPTIONS /asked', 'POST /asked', '/%zz'];
    expect(await counted(routes, paths)).toEqual({
      'OPTIONS /any 200': 1,
      'HEAD /any 200': 1,
      'other /any 200': 1,
      'OPTIONS /asked 200': 1,
      'POST unmatched 404': 1,
      'GET unmatched 404': 1,
    });
  });
});

test('every request on a keep-alive connection is counted', async () => {
  const registry = new Registry();
  const app = express5().use(httpMetrics({ registry })).get('/:id', end);
  const url = await listen(createServer(app));
  const lines = ['keep-alive', 'keep-alive', 'close'].map((connection, i) => {
    return `GET /${i} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`;
  });
  await exchange(Number(new URL(url).port), lines.join(''));
  expect(await recorded(registry, 3)).toEqual({ 'GET /:id 200': 3 });
});

test('HTTP/2 requests are counted with their final status', async () => {
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
  const { url, close } = await listenOnLoopback(server);
  const client = connect(url);
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
  await close();
});

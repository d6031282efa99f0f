import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import Router from '@koa/router';
import connect from 'connect';
import Koa from 'koa';
import { HttpRecorder, metricsHandler, Registry } from 'promark';
import { httpMetrics } from 'promark/koa';
import { ask } from '../support/http-client.js';
import { closeServers, listen } from './listening.js';
import { recorded, valuesOf } from './recorded.js';

afterEach(closeServers);

async function start(routes: (router: Router) => void) {
  const registry = new Registry();
  const app = new Koa();
  app.silent = true;
  app.use(httpMetrics({ registry }));
  const router = new Router({ prefix: '/api' });
  routes(router);
  app.use(router.routes()).use(router.allowedMethods());
  return { registry, url: await listen(createServer(app.callback())) };
}

const answer = (body: unknown) => (ctx: Koa.Context) => {
  ctx.body = body;
};

test('requests to a Koa app are counted by the template of their route, nested routers included', async () => {
  const { registry, url } = await start((router) => {
    const items = new Router().get('/items/:item', answer('item'));
    router.use('/shops/:shop', items.routes());
    router.get('/orders/open', answer('open')).get('/orders/:id', answer('order'));
  });
  const orders = ['/api/orders/open', '/api/orders/1'];
  const shops = ['/api/shops/1/items/2', '/api/shops/2/items/3', '/none', '/api/none'];
  for (const path of [...orders, ...shops]) await ask(url + path);
  for (const method of ['HEAD', 'OPTIONS', 'POST', 'PURGE']) await ask(`${url}/api/shops/1/items/2`, { method });
  expect(await recorded(registry, 10)).toEqual({
    'GET /api/orders/open 200': 1,
    'GET /api/orders/:id 200': 1,
    'GET /api/shops/:shop/items/:item 200': 2,
    'GET unmatched 404': 2,
    'HEAD /api/shops/:shop/items/:item 200': 1,
    'OPTIONS unmatched 200': 1,
    'POST unmatched 405': 1,
    'other unmatched 501': 1,
  });
});

test('requests to a Koa app are counted that end in middleware, errors and failing streams', async () => {
  const source = new PassThrough();
  const { registry, url } = await start((router) => {
    router.use((ctx, next) => {
      if (ctx.path !== '/api/closed/1') return next();
      ctx.status = 401;
      return undefined;
    });
    router.get('/closed/:id', answer('never'));
    router.get('/fails/:id', () => Promise.reject(new Error('no')));
    router.get('/stream', answer(source));
  });
  for (const path of ['/api/closed/1', '/api/fails/1']) await ask(url + path);
  source.write('beginning');
  const [response] = await once(request(`${url}/api/stream`).end(), 'response');
  response.once('data', () => source.destroy(new Error('no')));
  await once(response, 'error');
  expect(await recorded(registry, 3)).toEqual({
    'GET /api/closed/:id 401': 1,
    'GET /api/fails/:id 500': 1,
    'GET /api/stream 500': 1,
  });
});

test('scrapes of a Koa app are not counted', async () => {
  const { registry, url } = await start((router) => {
    const metrics = metricsHandler(new Registry());
    router.get('/scrape', (ctx) => {
      ctx.respond = false;
      return metrics(ctx.req, ctx.res);
    });
    router.get('/', answer('root'));
  });
  expect((await ask(`${url}/api/scrape`)).status).toBe(200);
  await ask(`${url}/api`);
  expect(await recorded(registry, 1)).toEqual({ 'GET /api 200': 1 });
  expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ GET: 0 });
});

test('requests to a Connect app are counted by the route that the app passes', async () => {
  const registry = new Registry();
  const recorder = new HttpRecorder({ registry });
  const app = connect();
  app.use((request, response, next) => {
    recorder.begin(request, response);
    next();
  });
  app.use('/orders', (request, response) => {
    recorder.begin(request, response, '/orders/:id');
    response.end('order');
  });
  app.use('/fails', () => {
    throw new Error('no');
  });
  const url = await listen(createServer(app));
  for (const path of ['/orders/1', '/orders/2', '/fails', '/none']) await ask(url + path);
  expect(await recorded(registry, 4)).toEqual({
    'GET /orders/:id 200': 2,
    'GET unmatched 500': 1,
    'GET unmatched 404': 1,
  });
});

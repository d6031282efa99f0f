import { once } from 'node:events';
import { createServer, type RequestListener, request } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Router from '@koa/router';
import express, { type Request as ExpressRequest, type Response as ExpressResponse, type NextFunction } from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { fetchHandler, metricsHandler, Registry } from 'promark';
import { httpMetrics as forExpress } from 'promark/express';
import { httpMetrics as forFastify, metricsEndpoint } from 'promark/fastify';
import { httpMetrics as forFetch } from 'promark/fetch';
import { httpMetrics as forHono } from 'promark/hono';
import { httpMetrics as forKoa } from 'promark/koa';
import { ask } from '../support/http-client.js';
import { until } from '../support/until.js';
import { closeServers, listen } from './listening.js';
import { recorded, valuesOf } from './recorded.js';

/** What the test has in hand of a response that is being sent. */
interface Bodies {
  /** The body of `/stream`, begun and open. */
  readonly stream: PassThrough;
  /** The body of `/events`, begun and open. */
  readonly events: PassThrough;
}

/** A program with the same routes in each framework, measured in the registry. */
type App = (registry: Registry, bodies: Bodies) => Promise<RequestListener> | RequestListener;

const EVENTS = 'text/event-stream';

const web = (body: PassThrough, type = 'text/plain') =>
  new Response(Readable.toWeb(body) as ReadableStream, { headers: { 'content-type': type } });

function hono(registry: Registry, { stream, events }: Bodies): Hono {
  const app = new Hono();
  app.use(forHono({ registry, responseSize: true }));
  app.use('/closed/*', async (c, next) => (c.req.path === '/closed/x' ? c.text('no', 401) : next()));
  app.get('/orders/:id', (c) => c.text('order'));
  app.get('/closed/:id', (c) => c.text('never'));
  app.get('/fails/:id', () => {
    throw new Error('on purpose');
  });
  app.onError((_, c) => c.text('failed', 500));
  app.get('/stream', () => web(stream));
  app.get('/events', () => web(events, EVENTS));
  const scrape = fetchHandler(registry);
  app.get('/scrape', (c) => scrape(c.req.raw));
  return app;
}

const apps: Record<string, App> = {
  Express(registry, { stream, events }) {
    const app = express();
    app.use(forExpress({ registry, responseSize: true }));
    app.use('/closed', (request, response, next) => {
      if (request.path === '/x') response.status(401).end('no');
      else next();
    });
    app.get('/orders/:id', (_, response) => void response.end('order'));
    app.get('/fails/:id', () => {
      throw new Error('on purpose');
    });
    app.get('/stream', (_, response) => {
      stream.on('error', (error) => response.destroy(error)).pipe(response);
    });
    app.get('/events', (_, response) => void events.pipe(response.type(EVENTS)));
    app.get('/scrape', metricsHandler(registry));
    app.use((_error: Error, _request: ExpressRequest, response: ExpressResponse, _next: NextFunction) => {
      response.status(500).end('failed');
    });
    return app;
  },
  async Fastify(registry, { stream, events }) {
    const app = fastify({
      serverFactory: (handler) => createServer((request, response) => void handler(request, response)),
    });
    app.register(forFastify({ registry, responseSize: true }));
    app.register(metricsEndpoint({ registry, path: '/scrape' }));
    app.addHook('onRequest', async (request, reply) => {
      if (request.url === '/closed/x') await reply.code(401).send('no');
    });
    app.get('/orders/:id', async () => 'order');
    app.get('/fails/:id', async () => {
      throw new Error('on purpose');
    });
    app.get('/stream', async () => stream);
    app.get('/events', (_, reply) => reply.type(EVENTS).send(events));
    await app.ready();
    return (request, response) => app.server.emit('request', request, response);
  },
  Koa(registry, { stream, events }) {
    const app = new Koa();
    app.silent = true;
    app.use(forKoa({ registry, responseSize: true }));
    const router = new Router();
    const answer = (body: unknown) => (ctx: Koa.Context) => {
      ctx.body = body;
    };
    router.get('/orders/:id', answer('order'));
    router.get('/fails/:id', () => {
      throw new Error('on purpose');
    });
    router.get('/stream', answer(stream));
    router.get('/events', (ctx) => {
      ctx.type = EVENTS;
      ctx.body = events;
    });
    const metrics = metricsHandler(registry);
    router.get('/scrape', (ctx) => {
      ctx.respond = false;
      return metrics(ctx.req, ctx.res);
    });
    app.use((ctx, next) => {
      if (ctx.path !== '/closed/x') return next();
      ctx.status = 401;
      return undefined;
    });
    app.use(router.routes()).use(router.allowedMethods());
    return app.callback();
  },
  'Hono on Node': (registry, bodies) => getRequestListener(hono(registry, bodies).fetch),
  // Without Node's request and response, as on other runtimes.
  Hono(registry, bodies) {
    const app = hono(registry, bodies);
    return getRequestListener((request) => app.fetch(request));
  },
  fetch(registry, { stream, events }) {
    const measure = forFetch({ registry, responseSize: true });
    const scrape = fetchHandler(registry);
    const routes = measure.routes({
      '/orders/:id': { GET: () => new Response('order'), HEAD: () => new Response('order') },
      '/fails/:id': {
        GET: (): Response => {
          throw new Error('on purpose');
        },
      },
      '/stream': { GET: () => web(stream) },
      '/events': { GET: () => web(events, EVENTS) },
    });
    // A router such as that of Bun, which does not leave requests to the handler of the rest.
    const all = measure(async (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/closed/x') return new Response('no', { status: 401 });
      if (pathname === '/scrape') return scrape(request);
      const path = Object.keys(routes).find((route) => new RegExp(`^${route.replace(':id', '[^/]+')}$`).test(pathname));
      const handlers: Record<string, ((request: Request) => Response | Promise<Response>) | undefined> =
        routes[path as keyof typeof routes] ?? {};
      const handler = handlers[request.method];
      return handler?.(request) ?? new Response('none', { status: path === undefined ? 404 : 405 });
    });
    return getRequestListener(all, { errorHandler: () => new Response('failed', { status: 500 }) });
  },
};

afterEach(closeServers);

describe.each(Object.keys(apps))('requests to an app of %s', (name) => {
  let registry: Registry;
  let bodies: Bodies;
  let url: string;

  beforeEach(async () => {
    registry = new Registry();
    bodies = { stream: new PassThrough(), events: new PassThrough() };
    for (const body of Object.values(bodies)) body.on('error', () => {});
    url = await listen(createServer(await apps[name](registry, bodies)));
  });

  /** Requests a path and waits for the beginning of the body. */
  async function begin(path: string) {
    const [response] = await once(request(`${url}${path}`, { agent: false }).end(), 'response');
    response.on('error', () => {});
    await once(response, 'data');
    return response;
  }

  test('are counted by method, route template and status', async () => {
    for (const path of ['/orders/1', '/orders/2?x=1', '/none', '/closed/x', '/fails/1', '/scrape'])
      await ask(url + path);
    await ask(`${url}/orders/1`, { method: 'HEAD' });
    await ask(`${url}/orders/1`, { method: 'DELETE' });
    const counts = await recorded(registry, 7);
    const refused = Object.keys(counts).filter((key) => key.startsWith('DELETE'));
    expect(refused).toEqual([expect.stringMatching(/^DELETE unmatched 40[45]$/)]);
    expect(counts).toEqual({
      'GET /orders/:id 200': 2,
      'HEAD /orders/:id 200': 1,
      'GET unmatched 404': 1,
      'GET unmatched 401': 1,
      'GET /fails/:id 500': 1,
      [refused[0]]: 1,
    });
    expect(await valuesOf(registry, 'http_requests_in_progress')).toMatchObject({ GET: 0, HEAD: 0, DELETE: 0 });
  });

  test('have the sizes of their bodies', async () => {
    await ask(`${url}/orders/1`);
    await ask(`${url}/orders/1`, { method: 'HEAD' });
    await recorded(registry, 2);
    expect(await valuesOf(registry, 'http_response_size_bytes', '_sum')).toEqual({
      'GET /orders/:id 200': 5,
      'HEAD /orders/:id 200': 0,
    });
  });

  test('are in progress until the body has been sent, and count once', async () => {
    bodies.stream.write('beginning');
    const response = await begin('/stream');
    expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ GET: 1 });
    bodies.stream.end();
    await once(response, 'end');
    expect(await recorded(registry, 1)).toEqual({ 'GET /stream 200': 1 });
    expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ GET: 0 });
  });

  test('count as 499 if the client leaves', async () => {
    bodies.stream.write('beginning');
    const leaving = await begin('/stream');
    leaving.destroy();
    expect(await recorded(registry, 1)).toEqual({ 'GET /stream 499': 1 });
  });

  test('count as 500 if the body fails', async () => {
    bodies.stream.write('beginning');
    const response = await begin('/stream');
    bodies.stream.destroy(new Error('on purpose'));
    if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
    expect(await recorded(registry, 1)).toEqual({ 'GET /stream 500': 1 });
  });

  test('keep the status of an event stream, which has no defined end', async () => {
    bodies.events.write('data: 1\n\n');
    const response = await begin('/events');
    response.destroy();
    await until('the end of the request', async () => Object.keys(await recorded(registry, 1)).length === 1);
    expect(await recorded(registry, 1)).toEqual({ 'GET /events 200': 1 });
  });
});

import { createServer, type RequestListener } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { afterEach, describe } from '@jest/globals';
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
import { closeServers, listen } from './listening.js';
import { testRules } from './rules.js';

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
  testRules(async () => {
    const registry = new Registry();
    const bodies = { stream: new PassThrough(), events: new PassThrough() };
    for (const body of Object.values(bodies)) body.on('error', () => {});
    bodies.stream.write('beginning');
    bodies.events.write('data: 1\n\n');
    return {
      url: await listen(createServer(await apps[name](registry, bodies))),
      gather: () => registry.gather(),
      end: () => bodies.stream.end(),
      fail: () => bodies.stream.destroy(new Error('on purpose')),
    };
  });
});

import { createServer, type RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Router from '@koa/router';
import connect from 'connect';
import express from 'express';
import express4 from 'express-4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { fetchHandler, metricsHandler, type Registry } from 'promark';
import { metricsEndpoint } from 'promark/fastify';
import { listenOnLoopback } from '../support/servers.js';

/** A running server with a registry's page at `/metrics`. */
export interface Mounted {
  readonly url: string;
  close(): Promise<unknown>;
}

/** How to serve a registry's page from the frameworks in the docs, the way the docs do it. */
export const FRAMEWORKS: readonly [name: string, mount: (registry: Registry) => Promise<Mounted>][] = [
  ['node:http', (registry) => listen(metricsHandler(registry))],
  ['Express 5', (registry) => listen(express().all('/metrics', metricsHandler(registry)))],
  ['Express 4', (registry) => listen(express4().all('/metrics', metricsHandler(registry)))],
  ['Connect', (registry) => listen(connect().use('/metrics', metricsHandler(registry)))],
  ['Koa', (registry) => listen(koaWith(registry))],
  ['Fastify', fastifyWith],
  ['fetchHandler', (registry) => listen(fetched(fetchHandler(registry)))],
  ['Hono', (registry) => listen(fetched(honoWith(registry)))],
];

function koaWith(registry: Registry): RequestListener {
  const router = new Router();
  const metrics = metricsHandler(registry);
  router.all('/metrics', (ctx) => {
    ctx.respond = false;
    return metrics(ctx.req, ctx.res);
  });
  return new Koa().use(router.routes()).callback();
}

async function fastifyWith(registry: Registry): Promise<Mounted> {
  const app = fastify({ forceCloseConnections: true });
  app.register(metricsEndpoint({ registry }));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url: `${url}/metrics`, close: () => app.close() };
}

function honoWith(registry: Registry): (request: Request) => Response | Promise<Response> {
  const app = new Hono();
  const metrics = fetchHandler(registry);
  app.all('/metrics', (c) => metrics(c.req.raw));
  return app.fetch;
}

/** What adapters do to answer with a `Response` from a Node server. */
export function fetched(answer: (request: Request) => Response | Promise<Response>): RequestListener {
  return async ({ method = 'GET', url, headers }, response) => {
    const given = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const request = new Request(`http://${headers.host}${url}`, { method, headers: given });
    const { status, headers: own, body } = await answer(request);
    response.writeHead(status, Object.fromEntries(own));
    if (body === null) response.end();
    else await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), response);
  };
}

async function listen(listener: RequestListener): Promise<Mounted> {
  const { url, close } = await listenOnLoopback(createServer(listener));
  return { url: `${url}/metrics`, close };
}

import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import Router from '@koa/router';
import express from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { ConfigError, Counter, fetchHandler, type MetricsHandlerOptions, metricsHandler, Registry } from 'promark';
import { httpMetrics } from 'promark/express';
import { metricsEndpoint } from 'promark/fastify';
import { ask } from '../support/http-client.js';
import { listenOnLoopback } from '../support/servers.js';
import { fetched } from './frameworks.js';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = await listenOnLoopback(createServer(listener));
  closing.push(() => server.close());
  return server.url;
}

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

function shop(): Registry {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
  return registry;
}

type Options = Pick<MetricsHandlerOptions, 'auth'>;

/** Each with the metrics at `/metrics`, and the live page at the path that is named. */
const MOUNTED: readonly [
  name: string,
  page: string,
  mount: (registry: Registry, options?: Options) => Promise<string>,
][] = [
  ['node:http', '/live', (registry, options) => listen(metricsHandler(registry, { ...options, page: '/live' }))],
  [
    'Express',
    '/metrics/live',
    (registry, options) => listen(express().use('/metrics', metricsHandler(registry, { ...options, page: '/live' }))),
  ],
  [
    'Koa',
    '/live',
    (registry, options) => {
      const [router, metrics] = [new Router(), metricsHandler(registry, { ...options, page: '/live' })];
      router.get(['/metrics', '/live', '/live/live.json'], (ctx) => {
        ctx.respond = false;
        return metrics(ctx.req, ctx.res);
      });
      return listen(new Koa().use(router.routes()).callback());
    },
  ],
  [
    'Fastify',
    '/internal/live',
    async (registry, options) => {
      const app = fastify({ forceCloseConnections: true });
      app.register(metricsEndpoint({ registry }));
      const endpoint = metricsEndpoint({ path: '/others', registry, page: '/live', ...options });
      app.register(async (scope) => void scope.register(endpoint), { prefix: '/internal' });
      closing.push(() => app.close());
      return app.listen({ port: 0, host: '127.0.0.1' });
    },
  ],
  [
    'Hono',
    '/api/live',
    (registry, options) => {
      const [app, metrics] = [new Hono(), fetchHandler(registry, { ...options, page: '/live' })];
      app.get('/metrics', (c) => metrics(c.req.raw)).get('/api/live/*', (c) => metrics(c.req.raw));
      return listen(fetched(app.fetch));
    },
  ],
];

describe.each(MOUNTED)('the live page of a handler on %s', (name, path, mount) => {
  test('is for browsers at its path, with data below it, and the metrics stay where they are', async () => {
    const url = await mount(shop());
    const page = await ask(url + path, { headers: BROWSER });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'sha256-/);
    const again = await ask(url + path, { headers: { ...BROWSER, 'if-none-match': String(page.headers.etag) } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    const data = await ask(`${url}${path}/live.json?since=`, { headers: { 'accept-encoding': 'identity' } });
    expect(JSON.parse(String(data.body))).toMatchObject({
      process: { pid: process.pid },
      changes: [{ head: { name: 'orders_total' }, values: [1, 3] }],
    });

    for (const headers of [BROWSER, {}]) {
      const metrics = await ask(`${url}/metrics`, { headers });
      expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(String(metrics.body)).toContain('orders_total 3\n');
    }
    expect(String((await ask(url + path, { headers: { accept: '*/*' } })).body)).toContain('orders_total 3\n');
  });

  test('shows with a token a page that asks for it and nothing else, and with a password nothing', async () => {
    const bearer = await mount(shop(), { auth: { bearer: 'secret' } });
    const stranger = await ask(bearer + path, { headers: BROWSER });
    expect([stranger.status, stranger.headers['www-authenticate']]).toEqual([401, 'Bearer realm="metrics"']);
    expect(String(stranger.body)).toContain('<div id="app">');
    const data = await ask(`${bearer}${path}/live.json`);
    expect([data.status, String(data.body)]).toEqual([401, 'Credentials required.\n']);
    const known = { authorization: 'Bearer secret' };
    expect((await ask(`${bearer}${path}/live.json`, { headers: known })).status).toBe(200);
    if (name !== 'Fastify') expect((await ask(`${bearer}/metrics`, { headers: BROWSER })).status).toBe(401);

    const basic = await mount(shop(), { auth: { basic: { username: 'ann', password: 'pass' } } });
    const refused = await ask(basic + path, { headers: BROWSER });
    expect([refused.status, String(refused.body)]).toEqual([401, 'Credentials required.\n']);
    expect((await ask(basic + path, { headers: BROWSER, auth: 'ann:pass' })).status).toBe(200);
  });
});

test('without the option there is no page', async () => {
  const url = await listen(metricsHandler(shop()));
  expect(String((await ask(`${url}/live`, { headers: BROWSER })).body)).toContain('orders_total 3\n');
});

test('the page shows how scrapes went, and neither they nor its own requests are measured', async () => {
  const registry = new Registry();
  const app = express().use(httpMetrics({ registry }));
  const url = await listen(app.use('/metrics', metricsHandler(registry, { page: '/live' })));
  await ask(`${url}/metrics`);
  await ask(`${url}/metrics/live`, { headers: BROWSER });
  const { body } = await ask(`${url}/metrics/live/live.json`);
  expect(JSON.parse(String(body))).toMatchObject({ process: { scrape: { count: 1 } } });
  expect(String((await ask(`${url}/metrics`)).body)).not.toContain('http_server_request_duration_seconds_count');
});

test('other paths and page sources are refused', () => {
  expect(() => metricsHandler(shop(), { page: '/' })).toThrow(
    new ConfigError(
      'metricsHandler: option page must be a path such as "/live", at which browsers get the live page, got "/".',
    ),
  );
  expect(() => fetchHandler(shop(), { page: 'live?x' })).toThrow(/fetchHandler: option page must be a path/);
  expect(() => metricsEndpoint({ page: '/metrics' })).toThrow(/cannot be at \/metrics, where the metrics are/);
  const source = { render: () => Promise.reject(new Error('unused')) };
  expect(() => metricsHandler(source, { page: '/live' })).toThrow(/option page needs a promark Registry/);
});

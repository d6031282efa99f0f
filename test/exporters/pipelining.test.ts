import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClientHttp2Stream, connect, constants, createServer } from 'node:http2';
import { afterEach, describe, expect, test } from '@jest/globals';
import fastify from 'fastify';
import { Counter, Gauge, type HttpServerOptions, metricsHandler, type PageSource, Registry } from 'promark';
import { metricsEndpoint } from 'promark/fastify';
import { ask, deferred, open } from '../support/http-client.js';
import { listenOnLoopback } from '../support/servers.js';
import { until } from '../support/until.js';
import { closeAll, start } from './servers.js';
import { type Serving, serve } from './serving.js';

const endings: (() => Promise<unknown>)[] = [closeAll];

afterEach(async () => {
  for (const end of endings.splice(1).reverse()) await end();
  await closeAll();
});

function smallRegistry(): Registry {
  const registry = new Registry();
  new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc();
  return registry;
}

/** Sends requests back to back on one connection and never reads. Resolves when the server has closed it. */
async function flood(port: number, request: string, atATime = 1000): Promise<void> {
  const socket = (await open(port)).pause();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const batch = request.repeat(atATime);
  while (!socket.destroyed) {
    // A client that does not read learns of a reset when it writes.
    await new Promise((resolve) => socket.write(batch, resolve));
  }
  await closed;
}

const line = (what: string) => `${what} HTTP/1.1\r\nHost: x\r\n\r\n`;

const CROWD = 10;

const exporters: Record<string, () => Promise<number>> = {
  async metricsHandler() {
    const serving: Serving = await serve(metricsHandler(smallRegistry()));
    endings.push(() => serving.stop());
    return serving.port;
  },
  async metricsEndpoint() {
    const app = fastify();
    app.register(metricsEndpoint({ registry: smallRegistry() }));
    await app.listen({ port: 0, host: '127.0.0.1' });
    endings.push(() => app.close());
    const address = app.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  },
  startHttpServer: async () => (await start({ registry: smallRegistry(), thread: true })).port,
  'startHttpServer in this thread': async () => (await start({ registry: smallRegistry() })).port,
};

describe.each(Object.keys(exporters))('connections that pipeline requests to %s and never read', (name) => {
  // Fastify itself answers other methods.
  test.each(['GET /metrics', 'HEAD /metrics'])('are disconnected: %s', async (what) => {
    const port = await exporters[name]();
    const crowd = Array.from({ length: CROWD }, () => flood(port, line(what)));
    expect((await ask(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
    await Promise.all(crowd);
    expect((await ask(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
  });
});

describe.each([true, false])('a server with thread: %s', (thread) => {
  const options: HttpServerOptions = { thread, methods: ['GET', 'HEAD', 'OPTIONS'], sendTimeoutMs: 300 };

  test.each(['GET /nothing', 'GET /', 'HEAD /', 'OPTIONS /metrics', 'OPTIONS *', 'POST /metrics'])(
    'disconnects clients that do not read the responses to %s',
    async (what) => {
      const { port } = await start({ ...options, registry: smallRegistry() });
      await flood(port, line(what));
    },
  );

  test('disconnects clients that do not read, even if each request is answered', async () => {
    const { port } = await start({ ...options, registry: smallRegistry() });
    await flood(port, line('GET /nothing'), 4);
  });

  test('disconnects clients that do not read that they are unauthorized', async () => {
    const { port } = await start({ ...options, registry: smallRegistry(), auth: { bearer: 'token' } });
    await flood(port, line('GET /metrics'));
  });

  test('that is full of clients that do not read their pages admits a scraper', async () => {
    const registry = smallRegistry();
    const labelNames = ['text'] as const;
    new Counter({ name: 'long_total', help: 'L', labelNames, registers: [registry] }).inc({
      text: 'x'.repeat(200_000),
    });
    const maxConnections = 5;
    const server = await start({ registry, thread, maxConnections });
    const stuck = await Promise.all(Array.from({ length: maxConnections }, () => open(server.port)));
    for (const socket of stuck) socket.pause().write(line('GET /metrics').repeat(4));
    const page = await until('an answer', () => ask(server.url));
    expect(page.status).toBe(200);
    for (const socket of stuck) socket.destroy();
  });
});

test('the number of requests handled per connection is limited', async () => {
  let [handled, rendered] = [0, 0];
  const registry = smallRegistry();
  const render: PageSource['render'] = (request) => {
    rendered += 1;
    return registry.render(request);
  };
  const settled: Promise<void>[] = [];
  const handler = metricsHandler({ render });
  const serving = await serve((request, response) => {
    handled += 1;
    settled.push(handler(request, response));
  });
  endings.push(() => serving.stop());
  const client = await open(serving.port);
  client.pause().write(line('GET /metrics').repeat(1500));
  await until('the connection to be closed', () => serving.closed.length > 0 && serving.closed[0].then(() => true));
  expect(handled).toBeLessThanOrEqual(5);
  // Nobody waits for a page any more, nor for its turn.
  await Promise.all(settled);
  expect(rendered).toBe(0);
  client.destroy();
});

test('the number of unanswered streams per HTTP/2 session is limited, and the others are refused', async () => {
  const [registry, gate] = [smallRegistry(), deferred()];
  new Gauge({ name: 'slow', help: 'S', registers: [registry], collect: () => gate.promise });
  const handler = metricsHandler(registry);
  const server = createServer((request, response) => {
    void handler(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  const { url, close } = await listenOnLoopback(server);
  endings.push(close);
  const session = connect(url);
  endings.push(async () => session.destroy());
  const outcomes = Array.from({ length: 40 }, () => outcomeOf(session.request({ ':path': '/metrics' })));
  const refused = outcomes.slice(10);
  expect(await Promise.all(refused)).toEqual(refused.map(() => constants.NGHTTP2_REFUSED_STREAM));
  gate.resolve();
  expect(await Promise.all(outcomes.slice(0, 10))).toEqual(Array.from({ length: 10 }, () => 200));
  expect(await outcomeOf(session.request({ ':path': '/metrics' }))).toBe(200);
});

/** The status of a response, or the code that its stream was refused with. */
async function outcomeOf(stream: ClientHttp2Stream): Promise<number | undefined> {
  let status: number | undefined;
  stream
    .on('response', (headers) => {
      status = headers[':status'];
    })
    .on('error', () => {})
    .resume();
  await new Promise((resolve) => stream.once('close', resolve));
  return status ?? stream.rstCode;
}

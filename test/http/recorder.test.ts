import { once } from 'node:events';
import { createServer, IncomingMessage, type RequestListener, request, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  ConflictError,
  type Histogram,
  type HttpMetricsOptions,
  HttpRecorder,
  metricsHandler,
  Registry,
} from 'promark';
import { ask, deferred, exchange, open } from '../support/http-client.js';
import { closeServers, listen } from './listening.js';
import { countsOf, recorded, valuesOf } from './recorded.js';

afterEach(closeServers);

/** A server all of whose requests are measured, as those of the route `/`. */
async function serve(handler: RequestListener, options: HttpMetricsOptions = {}) {
  const registry = new Registry();
  const recorder = new HttpRecorder({ registry, ...options });
  const url = await listen(
    createServer((request, response) => {
      recorder.begin(request, response, '/');
      handler(request, response);
    }),
  );
  return { registry, recorder, url };
}

describe('the status of a request', () => {
  test('is that of the response', async () => {
    const { url, registry } = await serve((_, response) => response.writeHead(418).end());
    await ask(url);
    expect(await recorded(registry, 1)).toEqual({ 'GET / 418': 1 });
  });

  test('is that of a response without a connection, as from Fastify’s inject', async () => {
    /** Emits `finish` itself, because there is no connection that would take the response. */
    class Injected extends ServerResponse {
      override end(): this {
        this.emit('finish');
        return this;
      }
    }
    const registry = new Registry();
    const asked = Object.assign(new IncomingMessage(new Socket()), { httpVersionMajor: 1, method: 'GET', url: '/' });
    const reply = new Injected(asked);
    new HttpRecorder({ registry }).begin(asked, reply, '/');
    reply.writeHead(201).end();
    reply.emit('close');
    expect(await recorded(registry, 1)).toEqual({ 'GET / 201': 1 });
  });

  test('is 499 if the client disconnects before the response', async () => {
    const arrived = deferred();
    const { url, registry } = await serve(() => arrived.resolve());
    const sent = request(url).end();
    sent.on('error', () => {});
    await arrived.promise;
    sent.destroy();
    expect(await recorded(registry, 1)).toEqual({ 'GET / 499': 1 });
    expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ GET: 0 });
  });

  test('is 499 if the client disconnects in the middle of a streamed response', async () => {
    const { url, registry } = await serve((_, response) => response.write('beginning'));
    const sent = request(url).end();
    const [response] = await once(sent, 'response');
    response.on('error', () => {});
    response.destroy();
    expect(await recorded(registry, 1)).toEqual({ 'GET / 499': 1 });
  });

  test('is 500 if the server destroys a streamed response with an error', async () => {
    const { url, registry } = await serve((_, response) => {
      response.on('error', () => {});
      response.write('beginning', () => response.destroy(new Error('the source failed')));
    });
    await expect(ask(url)).rejects.toThrow();
    expect(await recorded(registry, 1)).toEqual({ 'GET / 500': 1 });
  });

  test('is 500 if the server destroys a streamed response without an error, as frameworks do', async () => {
    const { url, registry } = await serve((_, response) => {
      response.write('beginning', () => response.destroy());
    });
    await expect(ask(url)).rejects.toThrow();
    expect(await recorded(registry, 1)).toEqual({ 'GET / 500': 1 });
  });

  test('is 499 if the client disconnects before it has read the end of the response', async () => {
    const ended = deferred();
    const { url, registry } = await serve((_, response) => {
      response.end(Buffer.alloc(50_000_000));
      ended.resolve();
    });
    const socket = await open(Number(new URL(url).port));
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await ended.promise;
    socket.resetAndDestroy();
    expect(await recorded(registry, 1)).toEqual({ 'GET / 499': 1 });
  });

  test('is that of the response if the server ends an event stream', async () => {
    const { url, registry } = await serve((_, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: 1\n\n', () => response.destroy());
    });
    await expect(ask(url)).rejects.toThrow();
    expect(await recorded(registry, 1)).toEqual({ 'GET / 200': 1 });
  });

  test('is that of the response if the client leaves an event stream', async () => {
    const { url, registry } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const sent = request(url, { headers: { accept: 'text/event-stream' } }).end();
    const [response] = await once(sent, 'response');
    response.on('error', () => {});
    response.destroy();
    expect(await recorded(registry, 1)).toEqual({ 'GET / 200': 1 });
  });

  test('is that of a response streamed to its end', async () => {
    const { url, registry } = await serve((_, response) => {
      response.write('a');
      setImmediate(() => response.end('b'));
    });
    expect(String((await ask(url)).body)).toBe('ab');
    expect(await recorded(registry, 1)).toEqual({ 'GET / 200': 1 });
  });
});

test('each request on a keep-alive connection counts once, HEAD and OPTIONS too, and uncommon methods as other', async () => {
  const { url, registry } = await serve((_, response) => response.end('x'));
  const methods = ['GET', 'HEAD', 'OPTIONS', 'GET', 'PROPFIND', 'MKCOL'];
  const lines = methods.map((method, i) => {
    return `${method} / HTTP/1.1\r\nHost: a\r\nConnection: ${i === methods.length - 1 ? 'close' : 'keep-alive'}\r\n\r\n`;
  });
  await exchange(Number(new URL(url).port), lines.join(''));
  expect(await recorded(registry, methods.length)).toEqual({
    'GET / 200': 2,
    'HEAD / 200': 1,
    'OPTIONS / 200': 1,
    'other / 200': 2,
  });
});

test('requests queued on a connection end when it breaks', async () => {
  const arrived = deferred();
  const paths = ['/slow', ...Array.from({ length: 20 }, () => '/fast'), '/last'];
  const { url, registry } = await serve((request, response) => {
    if (request.url === '/fast') response.end('x');
    if (request.url === '/last') arrived.resolve();
  });
  const warned: unknown[] = [];
  const warn = (warning: Error) => void warned.push(warning.name);
  process.on('warning', warn);
  const socket = await open(Number(new URL(url).port));
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  await arrived.promise;
  socket.destroy();
  expect(await recorded(registry, paths.length)).toEqual({ 'GET / 499': paths.length });
  expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ GET: 0 });
  process.off('warning', warn);
  expect(warned).not.toContain('MaxListenersExceededWarning');
});

test('requests are in progress from arrival to the end of their response', async () => {
  const arrived = deferred();
  const answer = deferred();
  const { url, registry } = await serve(async (_, response) => {
    arrived.resolve();
    await answer.promise;
    response.end();
  });
  const asked = ask(url, { method: 'POST' });
  await arrived.promise;
  expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ POST: 1 });
  expect(await countsOf(registry)).toEqual({});
  answer.resolve();
  await asked;
  await recorded(registry, 1);
  expect(await valuesOf(registry, 'http_requests_in_progress')).toEqual({ POST: 0 });
});

describe('what is not counted', () => {
  test('/metrics, by default', async () => {
    const { url, registry } = await serve((_, response) => response.end());
    for (const path of ['/metrics', '/metrics?name[]=a', '/metricsandmore', '/']) await ask(url + path);
    expect(await recorded(registry, 2)).toEqual({ 'GET / 200': 2 });
  });

  test('scrapes answered by a promark handler, at any path', async () => {
    const registry = new Registry();
    const answer = metricsHandler(registry);
    const { url } = await serve(
      (request, response) => void (request.url === '/scrape' ? answer(request, response) : response.end()),
      {
        registry,
      },
    );
    const page = String((await ask(`${url}/scrape`)).body);
    expect(page).toContain('http_requests_in_progress{method="GET"} 0\n');
    await ask(url);
    expect(await recorded(registry, 1)).toEqual({ 'GET / 200': 1 });
  });

  test('paths or requests that `ignore` selects', async () => {
    const byPath = await serve((_, response) => response.end(), { ignore: ['/health', '/ready'] });
    for (const path of ['/health', '/ready?x=1', '/metrics']) await ask(byPath.url + path);
    expect(await recorded(byPath.registry, 1)).toEqual({ 'GET / 200': 1 });

    const byRequest = await serve((_, response) => response.end(), { ignore: ({ method }) => method === 'OPTIONS' });
    for (const method of ['OPTIONS', 'GET']) await ask(byRequest.url, { method });
    expect(await recorded(byRequest.registry, 1)).toEqual({ 'GET / 200': 1 });
  });
});

describe('sizes', () => {
  test('are those of the bodies, however they are sent', async () => {
    const { url, registry } = await serve(
      (request, response) => {
        request.resume().on('end', () => {
          if (request.url === '/stream') response.write('äöü');
          response.end(Buffer.alloc(100));
        });
      },
      { requestSize: true, responseSize: { buckets: [50, 150] } },
    );
    const post = async (path: string, chunks: string[], headers = {}) => {
      const sent = request(url + path, { method: 'POST', headers });
      for (const chunk of chunks) sent.write(chunk);
      sent.end();
      const [response] = await once(sent, 'response');
      await once(response.resume(), 'end');
    };
    await post('/plain', ['12345'], { 'content-length': 5 });
    await post('/stream', ['abc', 'äöü']);
    await ask(`${url}/plain`, { method: 'HEAD' });
    await recorded(registry, 3);
    expect(await valuesOf(registry, 'http_request_size_bytes', '_sum')).toEqual({ 'POST / 200': 14, 'HEAD / 200': 0 });
    expect(await valuesOf(registry, 'http_response_size_bytes', '_sum')).toEqual({
      'POST / 200': 206,
      'HEAD / 200': 0,
    });
    expect(await valuesOf(registry, 'http_response_size_bytes', '_bucket')).toMatchObject({ 'POST / 200 150.0': 2 });
  });

  test('are off by default', () => {
    const registry = new Registry();
    new HttpRecorder({ registry, inProgress: false });
    expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual(['http_request_duration_seconds']);
  });
});

describe('the families', () => {
  test('can have custom buckets, and native ones', () => {
    const registry = new Registry();
    new HttpRecorder({ registry, buckets: [0.1, 1], native: { factor: 1.2 } });
    const family = registry.getSingleMetric('http_request_duration_seconds') as Histogram;
    expect(family.buckets).toEqual([0.1, 1]);
    expect(family.native?.schema).toBe(2);
  });

  test('are shared by recorders with the same options, and refused to others', () => {
    const registry = new Registry();
    new HttpRecorder({ registry });
    new HttpRecorder({ registry });
    expect(() => new HttpRecorder({ registry, buckets: [1] })).toThrow(ConflictError);
  });

  test('reappear after the registry was cleared', async () => {
    const { url, registry } = await serve((_, response) => response.end());
    await ask(url);
    await recorded(registry, 1);
    registry.clear();
    await ask(url);
    expect(await recorded(registry, 1)).toEqual({ 'GET / 200': 1 });
  });

  test('a response is counted once however many recorders see it, with the last known route', async () => {
    const registry = new Registry();
    const other = new HttpRecorder({ registry });
    const { url } = await serve(
      (request, response) => {
        other.begin(request, response);
        other.begin(request, response, () => '/orders/:id');
        response.end();
      },
      { registry },
    );
    await ask(url);
    expect(await recorded(registry, 1)).toEqual({ 'GET /orders/:id 200': 1 });
  });
});

test.each<[HttpMetricsOptions | unknown, RegExp]>([
  [{ bucket: [1] }, /unknown option "bucket", did you mean "buckets"\? Known options: registry, buckets,/],
  [{ ignore: '/health' }, /option ignore must be an array of paths such as "\/health", or a function, got "\/health"/],
  [{ registry: {} }, /option registry must be a Registry, got an object {}/],
  [{ enableExemplars: 'yes' }, /enableExemplars must be true or false, got "yes"/],
  [{ requestSize: 5 }, /requestSize must be true, false or histogram options, got 5/],
  [null, /options must be an object, got null/],
])('unusable options are refused: %j', (options, message) => {
  expect(() => new HttpRecorder(options as HttpMetricsOptions)).toThrow(message);
  expect(() => new HttpRecorder(options as HttpMetricsOptions)).toThrow(ConfigError);
});

test.each([
  ['a request with a socket', () => new IncomingMessage(new Socket())],
  ['a request without a socket', () => new IncomingMessage(null as unknown as Socket)],
])('a response that no server created is counted on its finish event, for %s', async (_, made) => {
  const warnings: string[] = [];
  const registry = new Registry({ logger: { warn: (text: string) => warnings.push(text) } });
  const request = Object.assign(made(), { method: 'GET', url: '/', httpVersionMajor: 1 });
  const response = new ServerResponse(request);
  new HttpRecorder({ registry }).begin(request, response, '/');
  response.emit('finish');
  expect(await countsOf(registry)).toEqual({ 'GET / 200': 1 });
  expect(warnings).toEqual([]);
});

test('a fault in measuring does not affect the server', async () => {
  const warnings: string[] = [];
  const registry = new Registry({ logger: { warn: (text: string) => warnings.push(text) } });
  const recorder = new HttpRecorder({ registry });
  const url = await listen(
    createServer((request, response) => {
      recorder.begin(request, response, () => {
        throw new Error('no template');
      });
      response.end('fine');
    }),
  );
  expect(String((await ask(url)).body)).toBe('fine');
  while (warnings.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(warnings[0]).toContain('no template');
});

import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigError, Counter, Gauge, type MetricsHandlerOptions, metricsHandler, Registry, register } from 'promark';
import { ask, exchange } from '../support/http-client.js';
import { type Serving, serve } from './serving.js';

let registry: Registry;
let serving: Serving;
let url: string;

beforeEach(async () => {
  registry = new Registry();
  new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(2);
  new Gauge({ name: 'b.c', help: 'B', registers: [registry] }).set(3);
  serving = await serve(metricsHandler(registry));
  url = serving.url;
});

afterEach(() => serving.stop());

const TEXT = '# HELP a_total A\n# TYPE a_total counter\na_total 2\n# HELP b_c B\n# TYPE b_c gauge\nb_c 3\n';

describe('a GET', () => {
  test('is answered with the page as text', async () => {
    const { status, headers, body } = await ask(url);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
      'content-length': String(TEXT.length),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      vary: 'Accept, Accept-Encoding',
    });
    expect(body.toString()).toBe(TEXT);
  });

  test('is answered in the format and with the escaping of its Accept header', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.5';
    const { headers, body } = await ask(url, { headers: { accept } });
    expect(headers['content-type']).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
    );
    expect(body.toString()).toMatch(/\{"b\.c"\} 3\n# EOF\n$/);
  });

  test.each([
    ['?name[]=a_total', ['a_total']],
    ['?name%5B%5D=a_total', ['a_total']],
    ['?name[]=b.c', ['b_c']],
    ['?name[]=b.c&name[]=a_total&name[]=a_total&other=1', ['a_total', 'b_c']],
    ['?name[]=', ['a_total', 'b_c']],
    ['?name[]=none', []],
    ['?name[]=%ff%zz', []],
    ['?', ['a_total', 'b_c']],
  ])('with the query %s shows the families %j', async (query, families) => {
    const { status, body } = await ask(url + query);
    expect(status).toBe(200);
    expect([...body.toString().matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)).toEqual(families);
  });

  test('shows what was recorded before it', async () => {
    const counter = registry.getSingleMetric('a_total') as Counter;
    for (let value = 3; value < 6; value++) {
      counter.inc();
      expect((await ask(url)).body.toString()).toContain(`\na_total ${value}\n`);
    }
  });

  test('of an empty registry is answered with an empty page', async () => {
    registry.clear();
    const { status, headers, body } = await ask(url);
    expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0]);
  });
});

describe('compression', () => {
  test.each([
    'gzip',
    'x-gzip',
    'GZIP;q=0.1',
    '*',
    'deflate, gzip;q=1.0, *;q=0.5',
    'identity;q=0.5, gzip;q=0.5',
    'identity;q=0, *',
    'br, gzip',
  ])('is used for Accept-Encoding: %s', async (encoding) => {
    const { headers, body } = await ask(url, { headers: { 'accept-encoding': encoding } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers['content-length']).toBeUndefined();
    expect(gunzipSync(body).toString()).toBe(TEXT);
  });

  test.each([
    '',
    'identity',
    'gzip;q=0',
    'gzip;q=0.0, *',
    '*;q=0',
    'identity;q=0',
    'br',
    'gzip;q=0.5, identity',
    'gzipped',
  ])('is not used for Accept-Encoding: %s', async (encoding) => {
    const { headers, body } = await ask(url, { headers: { 'accept-encoding': encoding } });
    expect(headers['content-encoding']).toBeUndefined();
    expect(body.toString()).toBe(TEXT);
  });

  test('keeps a long page complete', async () => {
    const many = new Gauge({ name: 'many', help: 'M', labelNames: ['n'], maxSeries: 0, registers: [registry] });
    for (let n = 0; n < 20_000; n++) many.set({ n }, n / 7);
    const plain = await ask(url);
    const packed = await ask(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.body.length).toBeLessThan(plain.body.length / 3);
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  });
});

describe('other methods', () => {
  test.each(['identity', 'gzip'])('HEAD is answered with the headers of a GET, encoded as %s', async (encoding) => {
    const headers = { 'accept-encoding': encoding };
    const [head, get] = [await ask(url, { method: 'HEAD', headers }), await ask(url, { headers })];
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    for (const name of ['content-type', 'content-length', 'content-encoding', 'vary']) {
      expect(head.headers[name]).toBe(get.headers[name]);
    }
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('%s is refused', async (method) => {
    const { status, headers, body } = await ask(url, { method });
    expect(status).toBe(405);
    expect(headers.allow).toBe('GET, HEAD');
    expect(body.toString()).toBe('Only GET and HEAD are allowed here.\n');
  });
});

describe('a connection', () => {
  test('is kept for the next request', async () => {
    const get = 'GET /metrics HTTP/1.1\r\nHost: x\r\n';
    const text = await exchange(serving.port, `${get}\r\n${get}\r\n${get}Connection: close\r\n\r\n`);
    expect(text.split('HTTP/1.1 200 OK').length).toBe(4);
    expect(text.split(TEXT).length).toBe(4);
  });

  test.each(['', 'Accept-Encoding: gzip\r\n'])('of HTTP/1.0 is answered and closed; %j', async (header) => {
    const text = await exchange(serving.port, `GET /metrics HTTP/1.0\r\n${header}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).not.toMatch(/transfer-encoding/i);
  });
});

describe('metricsHandler', () => {
  test('serves the default registry unless given another', async () => {
    const { url, stop } = await serve(metricsHandler());
    expect((await ask(url)).body.toString()).toBe(await register.metrics());
    await stop();
  });

  test('refuses something that is not a registry', () => {
    expect(() => metricsHandler({} as Registry)).toThrow(ConfigError);
    expect(() => metricsHandler('register' as unknown as Registry)).toThrow(
      'The registry of an exporter must be a promark Registry, such as `register` or `new Registry()`, got "register".',
    );
  });

  test.each([
    [
      { maxScrape: 5 },
      'metricsHandler: unknown option "maxScrape", did you mean "maxScrapes"? Known options: maxScrapes, sendTimeoutMs, page, auth.',
    ],
    [{ maxScrapes: 0 }, 'metricsHandler: option maxScrapes must be a whole number from 1 to 1000000, got 0.'],
    [
      { sendTimeoutMs: Number.NaN },
      'metricsHandler: option sendTimeoutMs must be a whole number from 1 to 2147483647, got NaN.',
    ],
  ])('refuses unusable options: %j', (options, message) => {
    expect(() => metricsHandler(registry, options as MetricsHandlerOptions)).toThrow(new ConfigError(message));
  });
});

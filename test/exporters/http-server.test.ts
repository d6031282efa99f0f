import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, type MetricsServer, Registry, register, startHttpServer } from 'promark';
import { ask, exchange } from '../support/http-client.js';
import { closeAll, ending, start } from './servers.js';

let registry: Registry;

beforeEach(() => {
  registry = new Registry();
  new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(2);
});

afterEach(closeAll);

const at = (server: MetricsServer, path: string) => new URL(path, server.url).href;

describe('a server', () => {
  test('serves the page at its url', async () => {
    const server = await start({ registry });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/metrics`);
    const { status, body } = await ask(server.url);
    expect(status).toBe(200);
    expect(body.toString()).toBe(await registry.metrics());
  });

  test('given a port alone, serves the default registry on every address', async () => {
    const server = ending(await startHttpServer(0));
    expect(server.url).toBe(`http://localhost:${server.port}/metrics`);
    const { body } = await ask(`http://127.0.0.1:${server.port}/metrics`);
    expect(body.toString()).toContain(await register.metrics());
    // By default it is answered from a separate thread.
    expect(body.toString()).toContain('\npromark_main_thread_responsive 1\n');
  });

  test('serves each registry on its own port', async () => {
    const other = new Registry();
    new Gauge({ name: 'b', help: 'B', registers: [other] }).set(1);
    const [one, two] = [await start({ registry }), await start({ registry: other })];
    expect((await ask(one.url)).body.toString()).toContain('a_total 2');
    expect((await ask(two.url)).body.toString()).toBe('# HELP b B\n# TYPE b gauge\nb 1\n');
  });

  test('serves at another path on request', async () => {
    const server = await start({ registry, path: '/internal/a&b' });
    expect((await ask(server.url)).status).toBe(200);
    expect((await ask(at(server, '/'))).body.toString()).toContain("<a href='/internal/a&amp;b'>");
    expect((await ask(at(server, '/metrics'))).status).toBe(404);
  });

  test('links to the page at /, unless the page itself is there', async () => {
    const { status, headers, body } = await ask(at(await start({ registry }), '/'));
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body.toString()).toContain("<a href='/metrics'>");
    expect((await ask(at(await start({ registry, path: '/' }), '/'))).body.toString()).toContain('a_total 2');
  });

  test.each([
    ['GET', '/metrics?x=1', 200],
    ['HEAD', '/metrics', 200],
    ['POST', '/metrics', 405],
    ['HEAD', '/', 200],
    ['DELETE', '/', 405],
    ['GET', '/metrics/', 404],
    ['GET', '//metrics', 404],
    ['GET', '/favicon.ico', 404],
    ['POST', '/nowhere', 404],
    ['GET', 'http://example.org/metrics', 200],
    ['GET', 'http://example.org', 200],
    ['OPTIONS', '*', 404],
    ['GET', '/%00%ff?name[]=%', 404],
  ])('answers %s %s with %d', async (method, path, status) => {
    const { port } = await start({ registry });
    const text = await exchange(port, `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status === 404) expect(text).toContain('The metrics are at /metrics.');
  });
});

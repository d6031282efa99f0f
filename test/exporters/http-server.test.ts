import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ConfigError,
  Counter,
  Gauge,
  type HttpServerOptions,
  type MetricsServer,
  PromarkError,
  Registry,
  register,
  startHttpServer,
} from 'promark';
import { ask, deferred, exchange, open, read } from './client.js';

const servers: MetricsServer[] = [];
let registry: Registry;

beforeEach(() => {
  registry = new Registry();
  new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(2);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: HttpServerOptions = {}): Promise<MetricsServer> {
  const server = await startHttpServer({ port: 0, host: '127.0.0.1', registry, ...options });
  servers.push(server);
  return server;
}

const at = (server: MetricsServer, path: string) => new URL(path, server.url).href;

describe('a server', () => {
  it('serves the page where its url says', async () => {
    const server = await start();
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/metrics`);
    const { status, body } = await ask(server.url);
    expect(status).toBe(200);
    expect(body.toString()).toBe(await registry.metrics());
  });

  it('is started with a port alone, for the default registry on every address', async () => {
    const server = await startHttpServer(0);
    servers.push(server);
    expect(server.url).toBe(`http://localhost:${server.port}/metrics`);
    expect((await ask(`http://127.0.0.1:${server.port}/metrics`)).body.toString()).toBe(await register.metrics());
  });

  it('serves each registry on a port of its own', async () => {
    const other = new Registry();
    new Gauge({ name: 'b', help: 'B', registers: [other] }).set(1);
    const [one, two] = [await start(), await start({ registry: other })];
    expect((await ask(one.url)).body.toString()).toContain('a_total 2');
    expect((await ask(two.url)).body.toString()).toBe('# HELP b B\n# TYPE b gauge\nb 1\n');
  });

  it('serves elsewhere if told so', async () => {
    const server = await start({ path: '/internal/a&b' });
    expect((await ask(server.url)).status).toBe(200);
    expect((await ask(at(server, '/'))).body.toString()).toContain("<a href='/internal/a&amp;b'>");
    expect((await ask(at(server, '/metrics'))).status).toBe(404);
  });

  it('shows the way at /, unless the page itself is there', async () => {
    const { status, headers, body } = await ask(at(await start(), '/'));
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body.toString()).toContain("<a href='/metrics'>");
    expect((await ask(at(await start({ path: '/' }), '/'))).body.toString()).toContain('a_total 2');
  });

  it.each([
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
    const { port } = await start();
    const text = await exchange(port, `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status === 404) expect(text).toContain('The metrics are at /metrics.');
  });
});

describe('a server that cannot be', () => {
  it('tells which port is taken and what to do', async () => {
    const { port } = await start();
    const starting = startHttpServer({ port, host: '127.0.0.1' });
    await expect(starting).rejects.toThrow(
      `The metrics server cannot listen on port ${port} on host 127.0.0.1: the port is taken. ` +
        'Choose another `port` (0 picks a free one), or stop what listens there.',
    );
    await expect(starting).rejects.toBeInstanceOf(PromarkError);
    await expect(starting).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } });
  });

  it('tells of a port that is taken on all addresses', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startHttpServer(port)).rejects.toThrow(`on port ${port} on all addresses: the port is taken.`);
    await new Promise((resolve) => other.close(resolve));
  });

  it('tells of an address that is not here', async () => {
    const starting = startHttpServer({ port: 0, host: '192.0.2.1' });
    await expect(starting).rejects.toThrow('on host 192.0.2.1: this machine has no such address.');
  });

  it.each([
    ['8000', 'A metrics server is started with a port or an object of options, not with "8000".'],
    [null, 'A metrics server is started with a port or an object of options, not with null'],
    [65_536, 'The option port is a whole number from 0 to 65535, not 65536.'],
    [{ port: '8000' }, 'The option port is a whole number from 0 to 65535, not "8000".'],
    [{ port: 80.5 }, 'The option port is a whole number from 0 to 65535, not 80.5.'],
    [{ host: '' }, 'The option host is an address or a name, such as "127.0.0.1", not "".'],
    [{ path: 'metrics' }, 'The option path is a URL\'s path, such as "/metrics"'],
    [{ path: '/metrics?x' }, 'not "/metrics?x".'],
    [{ registry: {} }, 'Pages come from a registry of promark'],
    [{ maxConnections: 0 }, 'The option maxConnections is a whole number from 1 to 1000000, not 0.'],
    [{ requestTimeoutMs: -1 }, 'The option requestTimeoutMs is'],
    [{ maxHeaderBytes: 1 }, 'The option maxHeaderBytes is'],
    [{ maxScrapes: 0 }, 'The option maxScrapes is'],
  ])('refuses the options %j', async (options, message) => {
    const starting = startHttpServer(options as HttpServerOptions);
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toBeInstanceOf(ConfigError);
  });
});

describe('limits', () => {
  it.each(['Accept', 'X-Anything'])('answer a megabyte of %s with 431 and live on', async (header) => {
    const server = await start();
    const text = await exchange(
      server.port,
      `GET /metrics HTTP/1.1\r\nHost: x\r\n${header}: ${'text/plain,'.repeat(90_000)}\r\n\r\n`,
    ).catch(() => 'reset');
    expect(text).toMatch(/^HTTP\/1\.1 431 |^reset$/);
    expect((await ask(server.url)).status).toBe(200);
  });

  it('answer a megabyte of Accept where it is allowed', async () => {
    const server = await start({ maxHeaderBytes: 2_000_000 });
    const accept = `${'application/json;q=0.5,'.repeat(45_000)}*/*`;
    expect((await ask(server.url, { headers: { accept } })).status).toBe(200);
  });

  it('answer a hostile request line with 400', async () => {
    const { port } = await start();
    expect(await exchange(port, '\x16\x03\x01\x02\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await exchange(port, 'GET /metrics HTTP/1.1\r\nHo st: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    ['says nothing', ''],
    ['stops within its headers', 'GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['never sends the body', 'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'],
  ])('close the connection of a client that %s', async (_what, bytes) => {
    const { port } = await start({ requestTimeoutMs: 100 });
    await exchange(port, bytes);
  });

  it('make room for a scraper where silent connections fill the server', async () => {
    const server = await start({ maxConnections: 3 });
    const silent = await Promise.all([open(server.port), open(server.port), open(server.port), open(server.port)]);
    expect((await ask(server.url)).status).toBe(200);
    await Promise.race(silent.map(read));
    for (const socket of silent) socket.destroy();
  });
});

describe('close', () => {
  it('lets a running scrape finish and accepts no other', async () => {
    const [began, gate] = [deferred(), deferred()];
    const collect = () => {
      began.resolve();
      return gate.promise;
    };
    new Gauge({ name: 'slow', help: 'S', collect, registers: [registry] });
    const server = await start();
    const client = await open(server.port);
    client.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await began.promise;
    const closed = server.close();
    await expect(ask(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    gate.resolve();
    // The connection is ended without the client's doing, although it could be kept.
    expect(await read(client)).toMatch(/\nslow 0\n$/);
    await closed;
  });

  it('ends idle connections, those that have not said anything included', async () => {
    const server = await start();
    const [silent, kept] = [await open(server.port), await open(server.port)];
    kept.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(kept, 'data');
    const ends = [read(silent), read(kept)];
    await server.close();
    await Promise.all(ends);
  });

  it('may be called twice, and at the end of a block', async () => {
    let url = '';
    {
      await using server = await start();
      url = server.url;
      expect(server.close()).toBe(server.close());
    }
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('frees the port', async () => {
    const { port, close } = await start();
    await close();
    expect((await start({ port })).port).toBe(port);
  });
});

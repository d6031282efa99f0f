import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Registry } from 'promark';
import { ask, exchange, open, read } from '../support/http-client.js';
import { closeAll, start } from './servers.js';

let registry: Registry;

beforeEach(() => {
  registry = new Registry();
  new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(2);
});

afterEach(closeAll);

describe('limits', () => {
  test.each(['Accept', 'X-Anything'])(
    'answer a megabyte of %s with 431, and the server keeps running',
    async (header) => {
      const server = await start({ registry });
      const text = await exchange(
        server.port,
        `GET /metrics HTTP/1.1\r\nHost: x\r\n${header}: ${'text/plain,'.repeat(90_000)}\r\n\r\n`,
      ).catch(() => 'reset');
      expect(text).toMatch(/^HTTP\/1\.1 431 |^reset$/);
      expect((await ask(server.url)).status).toBe(200);
    },
  );

  test('let a megabyte of Accept through where maxHeaderBytes allows it', async () => {
    const server = await start({ registry, maxHeaderBytes: 2_000_000 });
    const accept = `${'application/json;q=0.5,'.repeat(45_000)}*/*`;
    expect((await ask(server.url, { headers: { accept } })).status).toBe(200);
  });

  test('answer a hostile request line with 400', async () => {
    const { port } = await start({ registry });
    expect(await exchange(port, '\x16\x03\x01\x02\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await exchange(port, 'GET /metrics HTTP/1.1\r\nHo st: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.each([
    ['sends nothing', ''],
    ['stops in the middle of its headers', 'GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['never sends the body', 'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'],
  ])('close the connection of a client that %s', async (_what, bytes) => {
    const { port } = await start({ registry, requestTimeoutMs: 100 });
    await exchange(port, bytes);
  });

  test('make room for a scraper when silent connections fill the server', async () => {
    const server = await start({ registry, maxConnections: 3 });
    const silent = await Promise.all([open(server.port), open(server.port), open(server.port), open(server.port)]);
    expect((await ask(server.url)).status).toBe(200);
    await Promise.race(silent.map(read));
    for (const socket of silent) socket.destroy();
  });
});

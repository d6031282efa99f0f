import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, type PageSource, Registry } from 'promark';
import { ask, deferred, exchange, open, read } from '../../support/http-client.js';
import { testOnLinux } from '../../support/required-programs.js';
import { until } from '../../support/until.js';
import { closeAll, start } from '../servers.js';
import { authority, serverPair } from './certificates.js';
import { openSecurely } from './clients.js';

afterEach(closeAll);

const registry = new Registry();
new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(2);

const ca = authority;
const tls = serverPair;
const GET = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
/** The beginning of a handshake: a record whose length exceeds what is sent. */
const HALF_A_HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03';

/** A registry whose page is finished when its gate opens. */
function slowRegistry() {
  const slow = new Registry();
  const [began, gate] = [deferred(), deferred()];
  const collect = () => {
    began.resolve();
    return gate.promise;
  };
  new Gauge({ name: 'slow', help: 'S', collect, registers: [slow] });
  return { slow, began, gate };
}

describe('a server with TLS', () => {
  test.each([
    ['never begins the handshake', ''],
    ['stops in the middle of the handshake', HALF_A_HELLO],
    ['speaks plain HTTP', GET],
  ])('closes the connection of a client that %s', async (_what, bytes) => {
    const { url, port } = await start({ registry, tls, requestTimeoutMs: 100 });
    await exchange(port, bytes).catch(() => {});
    // On a busy machine even a well-behaved client may exceed this server's limit.
    await until('a scrape that is in time', async () => (await ask(url, { ca })).status === 200);
  });

  test.each([
    ['sends nothing after the handshake', ''],
    ['stops in the middle of its headers', 'GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: '],
  ])('closes the connection of a client that %s', async (_what, bytes) => {
    const { port } = await start({ registry, tls, requestTimeoutMs: 100 });
    const client = await until('a handshake that is in time', () => openSecurely(port));
    client.resume().write(bytes);
    await once(client, 'close');
  });

  test('makes room for a scraper when idle connections fill it, with or without a handshake', async () => {
    const { url, port } = await start({ registry, tls, maxConnections: 3 });
    const silent = [await open(port), await openSecurely(port), await open(port), await openSecurely(port)];
    expect((await ask(url, { ca })).status).toBe(200);
    // The oldest two, however their connections end.
    await Promise.all(silent.slice(0, 2).map((socket) => finished(socket.resume()).catch(() => {})));
    for (const socket of silent) socket.destroy();
  });

  test('keeps a connection whose page is being rendered, even when it is full', async () => {
    const { slow, began, gate } = slowRegistry();
    const { port } = await start({ registry: slow, tls, maxConnections: 1 });
    const client = await openSecurely(port);
    client.write(GET);
    await began.promise;
    // Rejected, because the only connection is in use.
    await exchange(port, '').catch(() => {});
    gate.resolve();
    const [page] = await once(client, 'data');
    expect(String(page)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    client.destroy();
  });

  testOnLinux(
    'leaves nothing behind of a client that does not read (only Linux tells what its kernel holds)',
    async () => {
      const long: PageSource = {
        async render(request) {
          const page = await registry.render(request);
          const chunks = Array.from({ length: 100 }, () => new Uint8Array(100_000).fill(35));
          return Object.assign(Object.create(Object.getPrototypeOf(page)), page, { chunks });
        },
      };
      const server = await start({ registry: long, tls, sendTimeoutMs: 100 });
      const client = await openSecurely(server.port);
      client.write(GET);
      await once(client, 'data');
      client.pause();
      // Waits for the server's timeout.
      await server.close();
      // A graceful end would wait here for the client to read what was sent.
      expect(connectionsOf(server.port)).toEqual([]);
      client.destroy();
    },
  );
});

/** The server's ends of the connections according to the kernel. */
function connectionsOf(port: number): string[] {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.filter((line) => line.trim().split(/\s+/)[1] === local);
}

describe('close of a server with TLS', () => {
  test('ends idle connections, those without a handshake included', async () => {
    const server = await start({ registry, tls });
    const [silent, half, kept] = [await open(server.port), await open(server.port), await openSecurely(server.port)];
    half.write(HALF_A_HELLO);
    kept.write(GET);
    await once(kept, 'data');
    const ends = [silent, half, kept].map((socket) => read(socket).catch(() => {}));
    await server.close();
    await Promise.all(ends);
  });

  test('lets a running scrape finish, to the last byte', async () => {
    const { slow, began, gate } = slowRegistry();
    const server = await start({ registry: slow, tls });
    const client = await openSecurely(server.port);
    client.write(GET);
    await began.promise;
    const closed = server.close();
    gate.resolve();
    expect(await read(client)).toMatch(/\nslow 0\n$/);
    await closed;
  });
});

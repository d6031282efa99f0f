import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Registry } from 'promark';
import { ask, deferred, open, read } from '../support/http-client.js';
import { closeAll, start } from './servers.js';

let registry: Registry;

beforeEach(() => {
  registry = new Registry();
  new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(2);
});

afterEach(closeAll);

describe('close', () => {
  test('lets a running scrape finish and accepts no more', async () => {
    const [began, gate] = [deferred(), deferred()];
    const collect = () => {
      began.resolve();
      return gate.promise;
    };
    new Gauge({ name: 'slow', help: 'S', collect, registers: [registry] });
    const server = await start({ registry });
    const client = await open(server.port);
    client.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await began.promise;
    const closed = server.close();
    await expect(ask(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    gate.resolve();
    // The server ends the connection, although it could be kept alive.
    expect(await read(client)).toMatch(/\nslow 0\n$/);
    await closed;
  });

  test('ends idle connections, those that have not sent anything included', async () => {
    const server = await start({ registry });
    const [silent, kept] = [await open(server.port), await open(server.port)];
    kept.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(kept, 'data');
    const ends = [read(silent), read(kept)];
    await server.close();
    await Promise.all(ends);
  });

  test('may be called twice, and by `await using`', async () => {
    let url = '';
    {
      await using server = await start({ registry });
      url = server.url;
      expect(server.close()).toBe(server.close());
    }
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('frees the port', async () => {
    const { port, close } = await start({ registry });
    await close();
    expect((await start({ registry, port })).port).toBe(port);
  });
});

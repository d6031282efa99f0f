import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConfigError, type HttpServerOptions, PromarkError, startHttpServer } from 'promark';
import { closeAll, start } from './servers.js';

afterEach(closeAll);

describe('a server that cannot be', () => {
  test('tells which port is taken and what to do', async () => {
    const { port } = await start({});
    const starting = startHttpServer({ port, host: '127.0.0.1' });
    await expect(starting).rejects.toThrow(
      `The metrics server cannot listen on port ${port} on host 127.0.0.1: the port is taken. ` +
        'Choose another `port` (0 picks a free one), or stop what listens there.',
    );
    await expect(starting).rejects.toBeInstanceOf(PromarkError);
    await expect(starting).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } });
  });

  test('tells of a port that is taken on all addresses', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startHttpServer(port)).rejects.toThrow(`on port ${port} on all addresses: the port is taken.`);
    await new Promise((resolve) => other.close(resolve));
  });

  test('tells of an address that is not here', async () => {
    const starting = startHttpServer({ port: 0, host: '192.0.2.1' });
    await expect(starting).rejects.toThrow('on host 192.0.2.1: this machine has no such address.');
  });

  test.each([
    ['8000', 'A metrics server is started with a port or an object of options, not with "8000".'],
    [null, 'A metrics server is started with a port or an object of options, not with null'],
    [65_536, 'The option port is a whole number from 0 to 65535, not 65536.'],
    [{ tsl: {} }, 'A metrics server has no option "tsl". It has port, host, registry, path, '],
    [{ port: '8000' }, 'The option port is a whole number from 0 to 65535, not "8000".'],
    [{ port: 80.5 }, 'The option port is a whole number from 0 to 65535, not 80.5.'],
    [{ host: '' }, 'The option host is an address or a name, such as "127.0.0.1", not "".'],
    [{ path: 'metrics' }, 'The option path is a URL\'s path, such as "/metrics"'],
    [{ path: '/metrics?x' }, 'not "/metrics?x".'],
    [{ registry: {} }, 'Pages come from a registry of promark'],
    [{ methods: [] }, 'The option methods is a list of one or more of GET, HEAD, OPTIONS, not [].'],
    [{ methods: ['GET', 'get'] }, 'not ["GET", "get"].'],
    [{ methods: 'GET' }, 'not "GET".'],
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

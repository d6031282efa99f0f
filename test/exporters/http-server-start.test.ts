import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConfigError, type HttpServerOptions, PromarkError, startHttpServer } from 'promark';
import { closeAll, start } from './servers.js';

afterEach(closeAll);

describe('a server that cannot start', () => {
  test('names the port that is taken and says what to do', async () => {
    const { port } = await start({});
    const starting = startHttpServer({ port, host: '127.0.0.1' });
    await expect(starting).rejects.toThrow(
      `The metrics server cannot listen on port ${port} on host 127.0.0.1: the port is taken. ` +
        'Choose another `port` (0 picks a free one), or stop the program that uses it.',
    );
    await expect(starting).rejects.toBeInstanceOf(PromarkError);
    await expect(starting).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } });
  });

  test('reports a port that is taken on all addresses', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startHttpServer(port)).rejects.toThrow(`on port ${port} on all addresses: the port is taken.`);
    await new Promise((resolve) => other.close(resolve));
  });

  test('reports a link-local address without its interface', async () => {
    const starting = startHttpServer({ port: 0, host: 'fe80::1' });
    await expect(starting).rejects.toThrow(
      /on host fe80::1: .*(append its interface|does not support|no such address)/,
    );
  });

  test('reports an address that this machine does not have', async () => {
    const starting = startHttpServer({ port: 0, host: '192.0.2.1' });
    await expect(starting).rejects.toThrow('on host 192.0.2.1: this machine has no such address.');
  });

  test.each([
    ['8000', 'startHttpServer expects a port or an options object, got "8000".'],
    [null, 'startHttpServer expects a port or an options object, got null.'],
    [65_536, 'startHttpServer: option port must be a whole number from 0 to 65535, got 65536.'],
    [
      { tsl: {} },
      'startHttpServer: unknown option "tsl", did you mean "tls"? Known options: port, host, registry, path, ',
    ],
    [{ port: '8000' }, 'option port must be a whole number from 0 to 65535, got "8000".'],
    [{ port: 80.5 }, 'option port must be a whole number from 0 to 65535, got 80.5.'],
    [{ host: '' }, 'option host must be an address or a name, such as "127.0.0.1", got "".'],
    [{ host: '127.0.0.1:9100' }, 'option host must be an address or a name alone'],
    [{ host: 'http://127.0.0.1' }, 'without scheme, port, path, brackets and white space, got "http://127.0.0.1".'],
    [{ host: '[::1]' }, 'got "[::1]".'],
    [{ host: ' 127.0.0.1' }, 'got " 127.0.0.1".'],
    [{ path: 'metrics' }, 'option path must be the path of a URL, such as "/metrics"'],
    [{ path: '/metrics?x' }, 'got "/metrics?x".'],
    [{ registry: {} }, 'The registry of an exporter must be a promark Registry'],
    [{ methods: [] }, 'option methods must be a list of one or more of GET, HEAD, OPTIONS, got [].'],
    [{ methods: ['GET', 'get'] }, 'got ["GET", "get"].'],
    [{ methods: 'GET' }, 'got "GET".'],
    [{ maxConnections: 0 }, 'option maxConnections must be a whole number from 1 to 1000000, got 0.'],
    [{ requestTimeoutMs: -1 }, 'option requestTimeoutMs must be'],
    [{ maxHeaderBytes: 1 }, 'option maxHeaderBytes must be'],
    [{ maxScrapes: 0 }, 'option maxScrapes must be'],
  ])('refuses the options %j', async (options, message) => {
    const starting = startHttpServer(options as HttpServerOptions);
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toBeInstanceOf(ConfigError);
  });
});

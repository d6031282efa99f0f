import { afterEach, describe, expect, test } from '@jest/globals';
import { type HttpServerOptions, type MetricsServer, Registry, startHttpServer } from 'promark';
import { ask, exchange } from '../../support/http-client.js';
import { closeAll, start } from '../servers.js';

afterEach(closeAll);

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const basic = (text: string) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } });
const at = (server: MetricsServer, path: string) => new URL(path, server.url).href;

/** A registry that counts how often a page is requested. */
function counting() {
  const registry = new Registry();
  const asked = { times: 0 };
  registry.registerCollector({
    name: 'asked',
    collect: () => {
      asked.times += 1;
      return [];
    },
  });
  return { registry, asked };
}

describe.each([true, false])('a server with auth and thread: %s', (thread) => {
  test('answers only requests with a token, at any path', async () => {
    const { registry, asked } = counting();
    const server = await start({ registry, thread, auth: { bearer: ['old-token', 'new-token'] } });
    for (const path of ['/metrics', '/', '/nowhere']) {
      const refused = await ask(at(server, path), bearer('wrong'));
      expect(refused.status).toBe(401);
      expect(refused.headers).toMatchObject({
        'www-authenticate': 'Bearer realm="metrics"',
        'cache-control': 'no-store',
        connection: 'close',
      });
      expect(refused.body.toString()).toBe('Credentials required.\n');
    }
    expect((await ask(server.url)).status).toBe(401);
    expect((await ask(server.url, { ...bearer('wrong'), method: 'POST' })).status).toBe(401);
    // The thread requests one page itself when it has started.
    expect(asked.times).toBeLessThan(2);
    expect((await ask(server.url, bearer('old-token'))).status).toBe(200);
    expect((await ask(server.url, { ...bearer('new-token'), method: 'HEAD' })).status).toBe(200);
    expect((await ask(at(server, '/'), bearer('new-token'))).status).toBe(200);
    expect((await ask(at(server, '/nowhere'), bearer('new-token'))).status).toBe(404);
  });

  test('answers requests with user name and password', async () => {
    const auth = { basic: { username: 'prometheus', password: 'correct horse' } };
    const server = await start({ registry: new Registry(), thread, auth });
    expect((await ask(server.url, basic('prometheus:correct horse'))).status).toBe(200);
    const refused = await ask(server.url, basic('prometheus:wrong'));
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('Basic realm="metrics"');
  });

  test('refuses invalid secrets, without showing the valid ones', async () => {
    const starting = start({ thread, auth: { bearer: ['hunter2', ''] } });
    await expect(starting).rejects.toMatchObject({ name: 'ConfigError' });
    await expect(starting).rejects.toThrow("Option auth must be { bearer: 'a token' }");
    await expect(starting).rejects.not.toThrow('hunter2');
  });
});

test('a request without credentials is answered before its body is read', async () => {
  const { port } = await start({ registry: new Registry(), auth: { bearer: 'token' } });
  const text = await exchange(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc');
  expect(text).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
});

test('auth cannot be a function, which only the Nest endpoint accepts', async () => {
  const auth = (() => true) as unknown as HttpServerOptions['auth'];
  await expect(startHttpServer({ port: 0, auth })).rejects.toMatchObject({ name: 'ConfigError' });
});

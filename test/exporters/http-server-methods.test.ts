import { afterEach, describe, expect, test } from '@jest/globals';
import { Registry, type ServerMethod } from 'promark';
import { ask, exchange } from '../support/http-client.js';
import { closeAll, start } from './servers.js';

afterEach(closeAll);

const registry = new Registry();
const methods = ['GET', 'HEAD', 'OPTIONS', 'POST'];

describe.each<[readonly ServerMethod[] | undefined, number[]]>([
  [undefined, [200, 200, 405, 405]],
  [['GET'], [200, 405, 405, 405]],
  [
    ['GET', 'OPTIONS', 'GET'],
    [200, 405, 204, 405],
  ],
  [
    ['OPTIONS', 'HEAD', 'GET'],
    [200, 200, 204, 405],
  ],
])('a server with the methods %j', (allowed, statuses) => {
  test.each([true, false])('answers them and no others, with thread: %s', async (thread) => {
    const server = await start({ registry, thread, methods: allowed });
    const allow = [...new Set(allowed ?? ['GET', 'HEAD'])].join(', ');
    for (const path of ['/metrics', '/']) {
      for (const [i, method] of methods.entries()) {
        const { status, headers, body } = await ask(new URL(path, server.url).href, { method });
        expect([path, method, status]).toEqual([path, method, statuses[i]]);
        if (status !== 200) expect(headers.allow).toBe(allow);
        if (status === 204) expect(body.length).toBe(0);
      }
    }
  });
});

test('a refusal lists the allowed methods', async () => {
  const { url } = await start({ registry, methods: ['GET'] });
  expect((await ask(url, { method: 'PUT' })).body.toString()).toBe('Only GET is allowed here.\n');
});

test('OPTIONS is answered for the server as a whole, but not for unknown paths', async () => {
  const { port } = await start({ registry, methods: ['GET', 'OPTIONS'] });
  const options = (path: string) => exchange(port, `OPTIONS ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(await options('*')).toMatch(/^HTTP\/1\.1 204 No Content\r\n(.*\r\n)*Allow: GET, OPTIONS\r\n/);
  expect(await options('/nowhere')).toMatch(/^HTTP\/1\.1 404 /);
});

test('the allowed methods are not shown without credentials', async () => {
  const { url } = await start({ registry, methods: ['OPTIONS'], auth: { bearer: 'token' } });
  const { status, headers } = await ask(url, { method: 'OPTIONS' });
  expect([status, headers.allow]).toEqual([401, undefined]);
});

import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, type ExecutionContext, Injectable } from '@nestjs/common';
import { Registry } from 'promark';
import { type EndpointAuth, MetricsController } from 'promark/nest';
import { adapters, closeApps, startApp } from './running-app.js';

afterEach(closeApps);

const quiet = () => new Registry({ logger: { warn() {}, error() {} } as never });
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe.each(adapters)('auth on %s', (_, adapterOf) => {
  describe.each([false, true])('with outside: %s', (outside) => {
    const start = async (auth: EndpointAuth) => {
      const options = { registry: quiet(), defaultMetrics: false, outside, auth };
      const { url } = await startApp(options, { adapter: adapterOf() });
      return (authorization?: string) =>
        fetch(`${url}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
    };

    test('checks a token', async () => {
      const ask = await start({ bearer: ['new-token', 'old token'] });
      expect((await ask('Bearer new-token')).status).toBe(200);
      expect((await ask('bearer  old token')).status).toBe(200);
      for (const wrong of [undefined, 'Bearer', 'Bearer other', 'Bearer new-token2', basic('new-token:')]) {
        const refused = await ask(wrong);
        expect(refused.status).toBe(401);
        expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="metrics"');
      }
    });

    test('checks user name and password', async () => {
      const ask = await start({ basic: { username: 'prometheus', password: 'a:b ü' } });
      expect((await ask(basic('prometheus:a:b ü'))).status).toBe(200);
      const refused = await ask(basic('prometheus:a:b'));
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Basic realm="metrics"');
    });

    test('calls a function, which may be async and may fail', async () => {
      const ask = await start(async ({ headers }) => {
        if (headers.authorization === undefined) throw new Error('nothing to judge by');
        return headers.authorization === 'yes';
      });
      expect((await ask('yes')).status).toBe(200);
      expect((await ask('no')).status).toBe(403);
      expect((await ask()).status).toBe(403);
    });
  });
});

test('guards, by class or instance, run after auth and before your own controller', async () => {
  const seen: string[] = [];
  @Injectable()
  class ClassGuard {
    canActivate(context: ExecutionContext): boolean {
      seen.push(context.getClass().name);
      return true;
    }
  }
  @Controller('own')
  class Own extends MetricsController {}
  const last = { canActivate: () => seen.push('last') < 3 };
  const { url } = await startApp({
    registry: quiet(),
    defaultMetrics: false,
    controller: Own,
    guards: [ClassGuard, last],
    auth: { bearer: 'token' },
  });
  const ask = async (headers: Record<string, string>) => (await fetch(`${url}/own`, { headers })).status;
  expect(await ask({})).toBe(401);
  expect(seen).toEqual([]);
  expect(await ask({ authorization: 'Bearer token' })).toBe(200);
  expect(await ask({ authorization: 'Bearer token' })).toBe(403);
  expect(seen).toEqual(['Own', 'last', 'Own', 'last']);
});

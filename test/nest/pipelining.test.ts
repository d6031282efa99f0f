import { afterEach, describe, expect, test } from '@jest/globals';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Registry } from 'promark';
import type { PrometheusModuleOptions } from 'promark/nest';
import { ask, open } from '../support/http-client.js';
import { adapters, closeApps, startApp } from './running-app.js';

afterEach(closeApps);

/** Sends this many requests at once on one connection and never reads. Resolves when the server has closed it. */
async function flood(url: string, path: string, requests: number): Promise<void> {
  const socket = (await open(Number(new URL(url).port))).pause();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const batch = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(requests);
  // A client that does not read learns of a reset when it writes.
  while (!socket.destroyed) await new Promise((resolve) => socket.write(batch, resolve));
  await closed;
}

/** As guards that look something up do. */
class SlowGuard implements CanActivate {
  static asked = 0;

  async canActivate(_context: ExecutionContext): Promise<boolean> {
    SlowGuard.asked += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }
}

const variants: [string, PrometheusModuleOptions, number][] = [
  ['with a guard', { guards: [SlowGuard] }, 200],
  ['with `auth`', { auth: { bearer: 'token' } }, 401],
  ['outside of the routing', { outside: true }, 200],
  ['without HTTP metrics', { http: false }, 200],
];

describe.each(adapters)('clients that pipeline scrapes of a Nest app on %s and never read', (_, adapter) => {
  test.each(variants)('are disconnected: %s', async (_name, options, status) => {
    SlowGuard.asked = 0;
    const settings = { ...options, registry: new Registry(), defaultMetrics: false };
    const { url } = await startApp(settings, { adapter: adapter() });
    const crowd = Array.from({ length: 5 }, () => flood(url, '/metrics', 1500));
    expect((await ask(`${url}/metrics`)).status).toBe(status);
    await Promise.all(crowd);
    expect((await ask(`${url}/metrics?name[]=a`)).status).toBe(status);
    // Four of each connection, one that was too many, and the two scrapes.
    expect(SlowGuard.asked).toBeLessThanOrEqual(5 * 5 + 2);
  });
});

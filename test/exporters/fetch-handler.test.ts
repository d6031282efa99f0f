import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { Counter, fetchHandler, type PageRequest, Registry } from 'promark';

/** A registry that is large enough for pages of several chunks. */
function shop(series = 3): Registry {
  const registry = new Registry();
  const orders = new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'], registers: [registry] });
  for (let i = 0; i < series; i++) orders.inc({ tier: `tier-${i}` }, i);
  return registry;
}

const scrape = (headers: Record<string, string> = {}, init: RequestInit = {}, query = '') =>
  new Request(`http://shop/metrics${query}`, { headers, ...init });

describe('fetchHandler', () => {
  test('answers with text 0.0.4 by default', async () => {
    const registry = shop();
    const response = await fetchHandler(registry)(scrape());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const page = await response.text();
    expect(page).toBe(await registry.metrics());
    expect(response.headers.get('content-length')).toBe(String(page.length));
  });

  test('answers with OpenMetrics to a scraper that prefers it', async () => {
    const response = await fetchHandler(shop())(scrape({ accept: 'application/openmetrics-text;version=1.0.0' }));
    expect(response.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(await response.text()).toMatch(/# EOF\n$/);
  });

  test('compresses large pages for clients that accept it, without changing the registry’s bytes', async () => {
    const registry = shop(9000);
    const handler = fetchHandler(registry);
    const plain = await registry.metrics();
    for (let round = 0; round < 2; round++) {
      const response = await handler(scrape({ 'accept-encoding': 'gzip, br' }));
      expect(response.headers.get('content-encoding')).toBe('gzip');
      expect(String(gunzipSync(await response.arrayBuffer()))).toBe(plain);
      expect(await (await handler(scrape())).text()).toBe(plain);
    }
  });

  test('leaves compression to Next, which drops the header and compresses by itself', async () => {
    const registry = shop();
    const request = Object.assign(scrape({ 'accept-encoding': 'gzip' }), { nextUrl: new URL('http://shop/metrics') });
    const response = await fetchHandler(registry)(request);
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await response.text()).toBe(await registry.metrics());
  });

  test('restricts the page to the requested names', async () => {
    const registry = shop();
    new Counter({ name: 'refunds_total', help: 'Refunds', registers: [registry] });
    const response = await fetchHandler(registry)(scrape({}, {}, '?name[]=refunds_total'));
    expect(await response.text()).not.toContain('orders');
  });

  test('answers HEAD with the headers alone, and other methods with 405', async () => {
    const head = await fetchHandler(shop())(scrape({}, { method: 'HEAD' }));
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
    const post = await fetchHandler(shop())(scrape({}, { method: 'POST' }));
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('answers 500 and logs when the page cannot be rendered', async () => {
    const reported: unknown[] = [];
    const render = () => Promise.reject(new Error('no page'));
    const instrumentation = (_: string, error: unknown) => void reported.push(error);
    const response = await fetchHandler({ render, faults: { instrumentation } })(scrape());
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('could not be rendered');
    expect(reported).toEqual([new Error('no page')]);
  });

  test('answers 503 when too many requests wait, and serves again afterwards', async () => {
    const registry = shop();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const render = async (request: PageRequest) => {
      await released;
      return registry.render(request);
    };
    const handler = fetchHandler({ render }, { maxScrapes: 2 });
    const served = Array.from({ length: 22 }, () => handler(scrape()));
    const refused = await handler(scrape());
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    release();
    for (const response of [...(await Promise.all(served)), await handler(scrape())]) expect(response.status).toBe(200);
  });

  test('lets a client disconnect in the middle of a page', async () => {
    const response = await fetchHandler(shop(9000))(scrape());
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
  });

  test('refuses something that is not a registry', () => {
    expect(() => fetchHandler({} as Registry)).toThrow(/must be a promark Registry/);
  });
});

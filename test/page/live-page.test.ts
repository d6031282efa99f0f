import { readFileSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import helmet from 'helmet';
import type { Browser } from 'playwright-core';
import {
  Counted,
  Counter,
  Gauge,
  Histogram,
  type HttpServerOptions,
  metricsHandler,
  Registry,
  StateSet,
  startHttpServer,
  Timed,
} from 'promark';
import { ask } from '../support/http-client.js';
import { describeWith } from '../support/required-programs.js';
import { listenOnLoopback } from '../support/servers.js';
import { until } from '../support/until.js';
import { live, type Opened, open, startBrowser } from './browser.js';

const closing: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A registry with all types, and calls that go on until the test ends. */
function shop(): Registry {
  const registry = new Registry();
  class Shop {
    @Timed({ registry, objective: { target: 0.99, latency: 0.25 } })
    @Counted({ registry, objective: { target: 0.9 } })
    order(n: number): void {
      if (n % 4 === 0) throw new Error('sold out');
    }
  }
  const orders = new Shop();
  const sales = new Counter({ name: 'sales_total', help: 'Sales', labelNames: ['plan'], registers: [registry] });
  const stock = new Gauge({ name: 'stock', help: 'Goods in stock', registers: [registry] });
  const sizes = new Histogram({
    name: 'basket_size',
    help: 'Goods in a basket',
    native: true,
    buckets: [],
    registers: [registry],
  });
  const door = new StateSet({ name: 'door', help: 'The door', states: ['open', 'closed'], registers: [registry] });
  let n = 0;
  const timer = setInterval(() => {
    n += 1;
    try {
      orders.order(n);
    } catch {}
    sales.inc({ plan: n % 3 === 0 ? 'paid' : 'free' });
    stock.set(100 - (n % 50));
    sizes.observe(1 + (n % 20));
    door.state(n % 20 < 10 ? 'open' : 'closed');
  }, 20);
  closing.push(() => clearInterval(timer));
  return registry;
}

async function serverOf(registry: Registry, options: HttpServerOptions = {}): Promise<string> {
  const server = await startHttpServer({ port: 0, host: '127.0.0.1', registry, ...options });
  closing.push(() => server.close());
  return new URL('/', server.url).href;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds on a page. */
async function violations({ page }: Opened): Promise<string[]> {
  // Within the page's own world scripts are forbidden by its policy; the debugger may evaluate all the same.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE);
  const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    "axe.run({ resultTypes: ['violations'] }).then((found) => found.violations)",
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

describeWith(['chromium'], 'in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });

  afterAll(() => browser?.close());

  const opened = async (url: string, opening: Parameters<typeof open>[2] = {}): Promise<Opened> => {
    const result = await open(browser, url, opening);
    closing.push(() => result.page.close());
    return result;
  };

  // One page for all sizes: to open one takes longer than everything that is looked at.
  test('all families are shown and axe finds nothing in three sizes, light and dark', async () => {
    const view = await opened(await serverOf(shop()), { width: 1440, height: 900 });
    await live(view);
    const { page, complaints } = view;
    for (const [width, height, colorScheme] of [
      [1440, 900, 'light'],
      [820, 1180, 'dark'],
      [390, 844, 'light'],
      [390, 844, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      for (const name of ['method_duration_seconds', 'sales_total', 'stock', 'basket_size', 'door']) {
        const card = page.getByRole('article', { name, exact: true });
        await card.scrollIntoViewIfNeeded();
        await card.getByRole('img').first().waitFor();
      }
      // Native buckets, of a family that has no others.
      const spread = page.getByRole('article', { name: 'basket_size' });
      await spread.getByText(/^p99 \d/).waitFor();
      await page.getByRole('img', { name: /^On now: (?:open|closed)\.$/ }).waitFor();
      await page.getByText('of the budget used since this page was opened').first().waitFor();
      await page
        .getByRole('row', { name: /Shop\.order/ })
        .first()
        .waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await violations(view)).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });

  test('the values move, also while the thread of the program is blocked', async () => {
    const registry = shop();
    const view = await opened(await serverOf(registry));
    await live(view);
    const label = () => view.page.getByRole('article', { name: 'stock' }).getByRole('img').getAttribute('aria-label');
    const before = await label();
    const answered = () => view.page.waitForResponse((response) => response.url().includes('live.json'));
    while ((await label()) === before) await answered();
    // The page is in another process, and its server in another thread. On a busy machine, they may not get a turn in time.
    await until('an answer while the thread is blocked', async () => {
      const begin = Date.now();
      while (Date.now() - begin < 2500);
      const end = Date.now();
      const times = await view.page.evaluate<number[]>(
        `performance.getEntriesByType('resource').filter(({ name }) => name.includes('live.json'))
          .map(({ responseEnd }) => performance.timeOrigin + responseEnd)`,
      );
      return times.some((time) => time > begin && time < end);
    });
  });

  test('hostile names, labels, help and bounds are shown as they are and run nothing', async () => {
    const evil = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const samples = [`1${evil}`, '+Inf'].map((le, i) => ({
      name: 'evil_bucket',
      labels: { le, a: evil },
      value: i + 1,
    }));
    const registry = new Registry({ logger: { warn: () => {} } });
    new Counter({ name: `evil_${evil}`, help: evil, labelNames: ['a'], registers: [registry] }).inc({ a: evil });
    registry.registerCollector({
      name: 'evil',
      collect: () => [{ name: 'evil', type: 'histogram', help: evil, unit: '', samples }],
    });
    const view = await opened(await serverOf(registry));
    await live(view);
    await view.page.getByRole('button', { name: evil }).first().waitFor();
    expect(await view.page.title()).toBe('Metrics');
    expect(await view.page.locator('img, main script').count()).toBe(0);
    expect(view.complaints).toEqual([]);
  });

  test('the keyboard alone filters, sorts, pauses and opens tables, and a reload keeps the filter', async () => {
    const { page, ...rest } = await opened(await serverOf(shop()));
    await live({ page, ...rest });
    await page.keyboard.press('/');
    await page.keyboard.type('plan=free');
    await page.getByRole('heading', { name: /All series 1 of/ }).waitFor();
    expect(page.url()).toContain('filter=plan%3Dfree');
    await page.reload();
    await page.getByRole('heading', { name: /All series 1 of/ }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('plan=free');
    await page.keyboard.press('/');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Paused' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    const byRate = page.getByRole('columnheader', { name: 'Per second' }).last();
    await byRate.getByRole('button').focus();
    await page.keyboard.press('Enter');
    expect(await byRate.getAttribute('aria-sort')).toBe('descending');
  });

  test('the page says that the server is gone, and goes on when it is back', async () => {
    const registry = shop();
    const first = await startHttpServer({ port: 0, host: '127.0.0.1', registry });
    const view = await opened(new URL('/', first.url).href);
    await live(view);
    await first.close();
    await view.page.getByRole('status').filter({ hasText: 'No answer, last seen' }).waitFor();
    const { port } = first;
    await serverOf(registry, { port });
    // The page tries again when it is looked at again, before its time.
    await view.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await live(view);
  });

  test("behind a proxy's path prefix and helmet, a handler's page finds its data and asks for its token", async () => {
    const metrics = metricsHandler(shop(), { page: '/live', auth: { bearer: 'secret' } });
    const app = await listenOnLoopback(createServer(express().use(helmet()).use('/metrics', metrics)));
    closing.push(() => app.close());
    const proxy = await listenOnLoopback(
      createServer((incoming, outgoing) => {
        const path = incoming.url?.replace('/tools/shop', '') ?? '/';
        const passed = forward({ host: '127.0.0.1', port: app.port, path, headers: incoming.headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        });
        incoming.pipe(passed);
      }),
    );
    closing.push(() => proxy.close());
    const { page, complaints } = await opened(`${proxy.url}/tools/shop/metrics/live`);
    await page.getByLabel('Bearer token').fill('secret');
    await page.keyboard.press('Enter');
    await live({ page, complaints });
    expect(complaints).toEqual([]);
    const { headers } = await ask(`${app.url}/metrics/live`, { headers: { accept: 'text/html' } });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(headers['x-frame-options']).toBe('SAMEORIGIN');
  });

  test('with a bearer token the page asks for it, and keeps it out of the address', async () => {
    const { page } = await opened(await serverOf(shop(), { auth: { bearer: 'secret' } }));
    await page.getByLabel('Bearer token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('That token was refused.').waitFor();
    await page.getByLabel('Bearer token').fill('secret');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Cardinality' }).waitFor();
    expect(page.url()).not.toContain('secret');
    expect(
      await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'),
    ).not.toContain('secret');
  });
});

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, counterFamily, Gauge, HeapStore, Histogram, Info, Registry, Summary } from 'promark';
import { ask } from '../../support/http-client.js';
import { setThreadProgram } from '../../thread-location.js';
import { closeAll, start } from '../servers.js';
import { page } from './page.js';

let warnings: string[];
let registry: Registry;

beforeEach(() => {
  warnings = [];
  registry = new Registry({ logger: { warn: (message) => warnings.push(message) } });
});

afterEach(async () => {
  await closeAll();
  setThreadProgram(undefined);
});

const threaded = (of: Registry = registry) => start({ registry: of, thread: true });

describe('a server in its own thread', () => {
  test('serves the page of the registry, in either format', async () => {
    registry = new Registry({ prefix: 'p_', defaultLabels: { app: 'x' } });
    const registers = [registry];
    new Counter({ name: 'a_total', help: 'A', registers }).inc(2);
    new Histogram({ name: 'h', help: 'H', labelNames: ['a'], registers }).observe({ a: 'ä"' }, 0.3);
    new Summary({ name: 's', help: 'S', registers }).observe(7);
    new Info({ name: 'build', help: 'B', registers }).info({ version: '1' });
    new Gauge({
      name: 'asked',
      help: 'G',
      collect: function () {
        this.set(4);
      },
      registers,
    });
    new Gauge({ name: 'on_heap', help: 'G', registers: [new Registry({ store: new HeapStore() }), registry] }).set(-0);
    registry.registerCollector({ name: 'c', collect: () => [counterFamily('collected_total', 'C', 3)] });
    const { url } = await threaded();
    for (const accept of ['text/plain', 'application/openmetrics-text;escaping=allow-utf-8']) {
      expect(await page(url, accept)).toBe((await registry.render({ accept })).text);
    }
    expect(await page(`${url}?name[]=p_a_total&name[]=p_collected_total`)).toBe(
      (await registry.render({ names: ['p_a_total', 'p_collected_total'] })).text,
    );
  });

  test('shows what changes after it was started', async () => {
    const early = new Counter({ name: 'early_total', help: 'E', labelNames: ['a'], registers: [registry] });
    early.inc({ a: 'x' });
    const { url } = await threaded();
    const check = async () => expect(await page(url)).toBe(await registry.metrics());
    await check();
    early.inc({ a: 'y' }, 5);
    new Gauge({ name: 'late', help: 'L', registers: [registry] }).set(1);
    await check();
    early.remove('x');
    registry.setDefaultLabels({ app: 'shop' });
    await check();
    early.inc({ a: 'z' });
    registry.removeSingleMetric('late');
    await check();
    registry.registerMetric(new Gauge({ name: 'late', help: 'another', registers: [] }));
    await check();
    registry.clear();
    await check();
  });

  test('compresses, and leaves out families that fail', async () => {
    new Counter({ name: 'a_total', help: 'A', registers: [registry] });
    const collect = () => {
      throw new Error('no');
    };
    new Gauge({ name: 'broken', help: 'B', collect, registers: [registry] });
    const { url } = await threaded();
    const { body, headers } = await ask(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(headers['content-encoding']).toBe('gzip');
    const text = gunzipSync(body).toString();
    expect(text).toContain('a_total 0');
    expect(text).toMatch(/promark_collect_errors_total\{family="broken"\} \d/);
    expect(text).not.toContain('# HELP broken');
  });

  test('runs next to others, of the same registry and of other ones', async () => {
    const other = new Registry();
    new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(1);
    new Counter({ name: 'b_total', help: 'B', registers: [other] }).inc(2);
    const [one, two, three] = await Promise.all([threaded(), threaded(), threaded(other)]);
    await one.close();
    expect(await page(two.url)).toBe(await registry.metrics());
    expect(await page(three.url)).toBe(await other.metrics());
    await expect(ask(one.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('finishes the page in progress when it is closed', async () => {
    let close = (): void => {};
    new Gauge({ name: 'closing', help: 'C', collect: () => close(), registers: [registry] });
    const server = await threaded();
    // The thread requests one page itself when it has started.
    await page(server.url);
    let closed: Promise<void> | undefined;
    close = () => {
      closed ??= server.close();
    };
    expect(await page(server.url)).toBe(await registry.metrics());
    await closed;
    await server.close();
  });

  test('refuses unusable options as a server in the main thread does', async () => {
    const { port } = await threaded();
    await expect(start({ registry, thread: true, port })).rejects.toThrow(/cannot listen on port .* is taken/);
    await expect(start({ registry, thread: true, maxScrapes: 0 })).rejects.toMatchObject({ name: 'ConfigError' });
    await expect(start({ registry, thread: 1 as unknown as boolean })).rejects.toMatchObject({ name: 'ConfigError' });
  });

  test('is reported when it crashes, and nothing else is lost', async () => {
    setThreadProgram(pathToFileURL(join(import.meta.dirname, 'crashing-thread.cjs')));
    const server = await threaded();
    const warned = new Promise<void>((resolve) => {
      registry.faultAppeared = () => resolve();
    });
    await ask(server.url).catch(() => {});
    await warned;
    expect(warnings).toEqual([
      expect.stringMatching(/thread of the metrics server, which has ended.*crashed on purpose/),
    ]);
    expect(await registry.metrics()).toMatch(/promark_instrumentation_errors_total\{where="the thread/);
    await server.close();
  });

  test('runs in the main thread when no thread can be started', async () => {
    setThreadProgram(pathToFileURL(join(import.meta.dirname, 'missing.cjs')));
    const { url } = await threaded();
    expect((await ask(url)).body.toString()).toBe(await registry.metrics());
    expect(warnings).toEqual([expect.stringContaining('It runs in the current thread')]);
  });

  test('serves a custom page source from the main thread', async () => {
    const { url } = await start({ registry: { render: () => registry.render() }, thread: true });
    expect((await ask(url)).body.toString()).toBe(await registry.metrics());
  });
});

import { createServer } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import {
  Counter,
  Gauge,
  Histogram,
  Info,
  metricsHandler,
  parsePage,
  Registry,
  StateSet,
  Summary,
  startHttpServer,
} from 'promark';
import { ask } from '../support/http-client.js';
import { listenOnLoopback } from '../support/servers.js';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A registry with a metric of each type, and with all that JSON has no number for. */
function shop(): Registry {
  const registry = new Registry({ prefix: 'shop_', defaultLabels: { app: 'a "b"' } });
  const registers = [registry];
  new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['plan'], registers }).inc({ plan: 'frei\n' }, 3);
  const odd = new Gauge({ name: 'odd.name', help: 'Odd', labelNames: ['n'], registers });
  for (const n of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1]) odd.set({ n: String(n) }, n);
  new Histogram({ name: 'seconds', help: 'Seconds', buckets: [0.1, 1], native: true, registers }).observe(0.5);
  new Summary({ name: 'size', help: 'Size', registers }).observe(2);
  new Info({ name: 'build', help: 'Build', registers }).info({ version: '1' });
  new StateSet({ name: 'door', help: 'Door', states: ['open', 'shut'], registers }).state('shut');
  new Counter({ name: 'none_total', help: 'None', labelNames: ['a'], registers });
  return registry;
}

async function handlerOf(registry: Registry): Promise<string> {
  const server = await listenOnLoopback(createServer(metricsHandler(registry)));
  closing.push(() => server.close());
  return server.url;
}

async function serverOf(registry: Registry): Promise<string> {
  const server = await startHttpServer({ port: 0, host: '127.0.0.1', registry });
  closing.push(() => server.close());
  return server.url;
}

const JSON_ONLY = { headers: { accept: 'application/json' } };

test.each([
  ['a handler', handlerOf],
  ['a server in its own thread', serverOf],
])('%s serves the families of all types with all samples as JSON', async (_, urlOf) => {
  const registry = shop();
  const { headers, body } = await ask(await urlOf(registry), JSON_ONLY);
  expect(headers['content-type']).toBe('application/json');
  const families = parsePage(String(body), 'application/json');
  const own = families.filter(({ name }) => !/^shop_(promark|nodejs)_/.test(name));
  const gathered = (await registry.gather()).filter(({ name }) => !/^shop_(promark|nodejs)_/.test(name));
  const plain = (given: typeof own) => given.map(({ samples, ...head }) => ({ ...head, samples: [...samples] }));
  expect(plain(own).filter(({ type }) => type !== 'stateset')).toEqual(
    plain(gathered).filter(({ type }) => type !== 'stateset'),
  );
  expect(own.find(({ type }) => type === 'stateset')?.samples).toEqual([
    { name: 'shop_door', labels: { shop_door: 'open', app: 'a "b"' }, value: 0 },
    { name: 'shop_door', labels: { shop_door: 'shut', app: 'a "b"' }, value: 1 },
  ]);
  expect(own.find(({ name }) => name === 'shop_seconds')?.samples.at(-1)?.native?.count).toBe(1);
  expect(own.find(({ name }) => name === 'shop_none_total')?.samples).toEqual([]);
});

test('JSON follows the Accept header, and is served only where nothing else is wanted as much', async () => {
  const url = await handlerOf(shop());
  const typeFor = async (accept: string) => (await ask(url, { headers: { accept } })).headers['content-type'];
  for (const accept of [
    'application/json',
    'text/plain;q=0.5, application/json',
    'application/json;q=0.1, text/html',
  ]) {
    expect(await typeFor(accept)).toBe('application/json');
  }
  for (const accept of ['application/json, text/plain, */*', '*/*', 'application/*', 'application/json;q=0']) {
    expect(await typeFor(accept)).toMatch(/^text\/plain; version=0\.0\.4/);
  }
  expect(await typeFor('application/json, application/openmetrics-text')).toMatch(/^application\/openmetrics-text/);
  const { body } = await ask(`${url}?name[]=shop_orders_total`, JSON_ONLY);
  expect(JSON.parse(String(body))).toHaveLength(1);
  const none = await ask(`${url}?name[]=nothing`, JSON_ONLY);
  expect(JSON.parse(String(none.body))).toEqual([]);
});

test('a family of many groups is one document', async () => {
  const registry = new Registry({ maxSeries: 0 });
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['n'], registers: [registry] });
  for (let n = 0; n < 5000; n++) jobs.inc({ n }, n);
  jobs.remove({ n: 0 });
  const { body } = await ask(await handlerOf(registry), JSON_ONLY);
  const [family] = parsePage(String(body), 'application/json');
  expect(family.samples).toHaveLength(4999);
  expect(family.samples.at(-1)).toEqual({ name: 'jobs_total', labels: { n: '4999' }, value: 4999 });
});

test('JSON of anything else is refused', () => {
  expect(() => parsePage('{', 'application/json')).toThrow(/^The page is not JSON: /);
  for (const page of ['{}', '[1]', '[{"name":"a"}]']) {
    expect(() => parsePage(page, 'application/json')).toThrow(/The JSON is not a list of families with samples/);
  }
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import {
  Counter,
  Gauge,
  Histogram,
  type HttpServerOptions,
  Info,
  type MetricsServer,
  multiprocess,
  Registry,
  startHttpServer,
} from 'promark';
import type { LiveData } from '../../lib/page/live-data.js';
import { mergeInto, sourceOf } from '../replica/merge/sources.js';
import { ask } from '../support/http-client.js';
import { until } from '../support/until.js';

const servers: MetricsServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serverOf(registry: Registry, options: HttpServerOptions = {}): Promise<string> {
  const server = await startHttpServer({ port: 0, host: '127.0.0.1', registry, ...options });
  servers.push(server);
  return new URL('/', server.url).href;
}

async function dataAt(url: string, since = ''): Promise<LiveData> {
  const { status, headers, body } = await ask(`${url}live.json?since=${since}`, {
    headers: { 'accept-encoding': 'gzip' },
  });
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('no-store');
  return JSON.parse(String(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
}

/** The next sample after one, which is a second away. */
async function next(url: string, { epoch, seq }: LiveData): Promise<LiveData> {
  return until('another sample', async () => {
    const data = await dataAt(url, `${epoch}.${seq}`);
    return data.seq > seq ? data : undefined;
  });
}

const named = ({ changes }: LiveData, name: string) => changes.find(({ head }) => head?.name === name);

test.each([true, false])('a page gets everything at first, then what has changed (thread: %p)', async (thread) => {
  const registry = new Registry({ prefix: 'shop_' });
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'], registers: [registry] });
  const load = new Gauge({ name: 'load', help: 'Load', registers: [registry] });
  jobs.inc({ queue: 'a' }, 3);
  load.set(0.5);
  const url = await serverOf(registry, { thread });
  const first = await dataAt(url);
  expect(first).toMatchObject({ since: -1, process: { pid: process.pid, scope: 'this process' } });
  const counter = named(first, 'shop_jobs_total');
  expect(counter).toMatchObject({
    head: { type: 'counter', help: 'Jobs', labels: ['queue'] },
    series: [[0, ['a']]],
    values: [1, 3],
  });
  expect(named(first, 'shop_load')).toMatchObject({ values: [1, 0.5] });

  jobs.inc({ queue: 'a' }, 2);
  jobs.inc({ queue: 'b' });
  const second = await next(url, first);
  const own = second.changes.filter(({ family }) => family === counter?.family);
  expect(own).toEqual([{ family: counter?.family, series: [[1, ['b']]], increases: [1, 2], values: [2, 1] }]);

  jobs.remove('a');
  const third = await next(url, second);
  expect(third.changes.filter(({ family }) => family === counter?.family)).toEqual([
    { family: counter?.family, removedRows: [0] },
  ]);

  registry.removeSingleMetric('load');
  const fourth = await next(url, third);
  expect(fourth.removed).toEqual([named(first, 'shop_load')?.family]);
});

test('a page that knows another epoch gets everything', async () => {
  const registry = new Registry();
  new Gauge({ name: 'load', help: 'Load', registers: [registry] });
  const url = await serverOf(registry);
  const data = await dataAt(url, 'abc.7');
  expect(data.since).toBe(-1);
  expect(named(data, 'load')).toBeDefined();
});

test('what JSON has no number for, infos and what collectors yield are there', async () => {
  const registry = new Registry();
  const odd = new Gauge({ name: 'odd', help: 'Odd', labelNames: ['n'], registers: [registry] });
  odd.set({ n: 'nan' }, Number.NaN);
  odd.set({ n: 'inf' }, Number.POSITIVE_INFINITY);
  new Info({ name: 'build', help: 'Build', registers: [registry] }).info({ version: '1' });
  const samples = ['a', 'b'].map((queue) => ({ name: 'lag', labels: { queue }, value: 2 }));
  registry.registerCollector({
    name: 'lag',
    collect: () => [{ name: 'lag', type: 'gauge', help: 'Lag', unit: '', samples }],
  });
  const data = await dataAt(await serverOf(registry));
  expect(named(data, 'odd')?.values).toEqual([1, null, 1, 'Infinity']);
  expect(named(data, 'build')).toMatchObject({ head: { type: 'info' }, series: [[0, ['1']]] });
  expect(named(data, 'lag')).toMatchObject({
    series: [
      [0, ['a']],
      [1, ['b']],
    ],
    values: [1, 2, 1, 2],
  });
});

test('a new series of a collector comes with its value, even 0, and a free row is taken first', async () => {
  const registry = new Registry();
  let queues = ['a', 'b'];
  registry.registerCollector({
    name: 'lag',
    collect: () => {
      const samples = queues.map((queue) => ({ name: 'lag', labels: { queue }, value: 0 }));
      return [{ name: 'lag', type: 'gauge', help: 'Lag', unit: '', samples }];
    },
  });
  const url = await serverOf(registry);
  const first = await dataAt(url);
  const family = named(first, 'lag')?.family;
  queues = ['b'];
  const second = await next(url, first);
  expect(second.changes).toEqual([{ family, removedRows: [0] }]);
  queues = ['b', 'c', 'd'];
  const series = [
    [0, ['c']],
    [2, ['d']],
  ];
  expect((await next(url, second)).changes).toEqual([{ family, series, values: [1, 0, 2, 0] }]);
});

test.each([true, false])(
  'a metric that has replaced another of its name has its own series (thread: %p)',
  async (thread) => {
    const registry = new Registry();
    const record = (queues: readonly string[]) => {
      const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'], registers: [registry] });
      for (const queue of queues) jobs.inc({ queue });
    };
    record(['a', 'b']);
    const url = await serverOf(registry, { thread });
    const first = await dataAt(url);
    const family = named(first, 'jobs_total')?.family;
    registry.removeSingleMetric('jobs_total');
    record(['c']);
    expect((await next(url, first)).changes).toEqual([
      { family, series: [[0, ['c']]], removedRows: [1], values: [1, 1] },
    ]);
  },
);

test('families merged from several sources have the values of all', async () => {
  const [registry, other] = [new Registry(), new Registry()];
  const [, theirs] = [registry, other].map((own) => {
    const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'], registers: [own] });
    jobs.inc({ queue: 'a' }, 2);
    return jobs;
  });
  mergeInto(registry, [sourceOf(other, 1)]);
  const url = await serverOf(registry, { thread: false });
  const first = await dataAt(url);
  expect(named(first, 'jobs_total')).toMatchObject({ series: [[0, ['a']]], values: [1, 4] });
  theirs.inc({ queue: 'a' });
  expect((await next(url, first)).changes).toEqual([{ family: named(first, 'jobs_total')?.family, increases: [1, 1] }]);
});

test.each([true, false])('the page says of how many processes it has the values (thread: %p)', async (thread) => {
  const dir = mkdtempSync(join(tmpdir(), 'promark-page-'));
  const registries = [new Registry(), new Registry()];
  const group = registries.map((registry) => multiprocess({ dir, registry, mapped: false, thread: false }));
  try {
    for (const registry of registries) {
      new Counter({ name: 'jobs_total', help: 'Jobs', registers: [registry] }).inc(2);
    }
    const url = await serverOf(registries[0], { thread });
    const data = await until('the values of both', async () => {
      const now = await dataAt(url);
      return named(now, 'jobs_total')?.values?.[1] === 4 ? now : undefined;
    });
    expect(data.process.scope).toBe('all 2 processes');
  } finally {
    for (const one of group) one.end();
    rmSync(dir, { recursive: true });
  }
});

test('native histograms come with their buckets', async () => {
  const registry = new Registry();
  const sizes = new Histogram({ name: 'size', help: 'Size', native: true, buckets: [], registers: [registry] });
  sizes.observe(1);
  sizes.observe(1000);
  const change = named(await dataAt(await serverOf(registry)), 'size');
  expect(change?.native).toMatchObject([{ row: 0, zeroCount: 0 }]);
  expect(change?.native?.[0].positive).toHaveLength(4);
});

test('the page is for browsers at /, under the same credentials, and page: false leaves it out', async () => {
  const html = { accept: 'text/html,*/*;q=0.8' };
  const open = await serverOf(new Registry());
  const page = await ask(open, { headers: html });
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-/,
  );
  expect((await ask(open, { headers: { ...html, 'if-none-match': String(page.headers.etag) } })).status).toBe(304);
  const packed = await ask(open, { headers: { ...html, 'accept-encoding': 'gzip' } });
  expect(packed.body.length).toBeLessThan(150_000);
  expect(gunzipSync(packed.body).equals(page.body)).toBe(true);
  expect((await ask(`${open}metrics`, { headers: html })).headers['content-type']).toContain('text/plain');

  const basic = await serverOf(new Registry(), { auth: { basic: { username: 'ann', password: 'pass' } } });
  expect((await ask(basic, { headers: html })).status).toBe(401);
  expect((await ask(`${basic}live.json`)).status).toBe(401);
  expect((await ask(`${basic}live.json`, { auth: 'ann:pass' })).status).toBe(200);

  const none = await serverOf(new Registry(), { page: false });
  expect((await ask(none, { headers: html })).body.toString()).toContain("<a href='/metrics'>");
  expect((await ask(`${none}live.json`)).status).toBe(404);
});

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, globalAgent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Counter, counterFamily, Info, Pushgateway, type PushgatewayOptions, Registry, register } from 'promark';
import { type FakeGateway, fakeGateway } from './fake-gateway.js';

let gateway: FakeGateway | undefined;

afterEach(async () => {
  await gateway?.close();
  register.clear();
});

function jobs(): Registry {
  const registry = new Registry();
  new Counter({ name: 'jobs_total', help: 'Jobs', registers: [registry] }).inc(3);
  return registry;
}

const PAGE = '# HELP jobs_total Jobs\n# TYPE jobs_total counter\njobs_total 3\n';
const group = { jobName: 'nightly', groupings: { instance: 'eu-1' } };

async function received(options: PushgatewayOptions, path = '', change = (url: string) => url) {
  gateway = await fakeGateway();
  await new Pushgateway(change(gateway.url) + path, options, jobs()).push(group);
  return gateway.received[0];
}

describe('a request', () => {
  test.each([
    ['push', 'PUT', PAGE],
    ['pushAdd', 'POST', PAGE],
    ['delete', 'DELETE', ''],
  ] as const)('of %s is a %s to the path of the group', async (name, method, body) => {
    gateway = await fakeGateway([202, 'done']);
    const answer = await new Pushgateway(gateway.url, {}, jobs())[name](group);
    expect(gateway.received).toEqual([
      expect.objectContaining({ method, path: '/metrics/job/nightly/instance/eu-1', body }),
    ]);
    expect(answer.body).toBe('done');
    expect(answer.resp.statusCode).toBe(202);
  });

  test('carries text 0.0.4 and its Content-Type, even if the registry is set to OpenMetrics', async () => {
    gateway = await fakeGateway();
    const registry = jobs();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    await new Pushgateway(gateway.url, { format: 'text' }, registry).push(group);
    await new Pushgateway(gateway.url, registry).push(group);
    const [chosen, own] = gateway.received;
    expect(chosen.body).toBe(PAGE);
    expect(own.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(own.headers['content-length']).toBe(String(own.body.length));
    expect(own.body).toBe(`${PAGE}# EOF\n`);
  });

  test('names the counters of a registry in OpenMetrics as prom-client does', async () => {
    gateway = await fakeGateway();
    const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
    const registers = [registry];
    const jobs = new Counter({ name: 'jobs', help: 'J "done"', enableExemplars: true, registers });
    jobs.inc({ value: 2, exemplarLabels: { trace_id: 'a' } });
    new Info({ name: 'build', help: 'B', registers }).info({ version: '1' });
    registry.registerCollector({ name: 'old', collect: () => [counterFamily('old', 'Old', 3)] });
    await new Pushgateway(gateway.url, registry).push(group);
    const [{ body }] = gateway.received;
    expect(body).toContain('# HELP jobs J "done"\n# TYPE jobs counter\njobs_total 2\n');
    expect(body).toContain('# TYPE old counter\nold_total 3\n');
    expect(body).toContain('# TYPE build_info gauge\nbuild_info{version="1"} 1\n');
    expect(body).toMatch(/# EOF\n$/);
  });

  test('carries no timestamps, which the gateway refuses', async () => {
    gateway = await fakeGateway();
    const registry = new Registry();
    const old = counterFamily('old_total', 'Old', [{ value: 3, timestamp: 1_600_000_000_000 }]);
    registry.registerCollector({ name: 'old', collect: () => [old] });
    await new Pushgateway(gateway.url, registry).push(group);
    expect(gateway.received[0].body).toContain('\nold_total 3\n');
    expect(await registry.metrics()).toContain('\nold_total 3 1600000000000\n');
  });

  test.each<[string, PushgatewayOptions]>([
    ['the option gzip', { gzip: true }],
    ["prom-client's header", { headers: { 'Content-Encoding': 'gzip' } }],
  ])('is compressed with %s', async (_way, options) => {
    const { headers, body } = await received(options);
    expect(headers['content-encoding']).toBe('gzip');
    expect(body).toBe(PAGE);
  });

  test('of delete has no encoding', async () => {
    gateway = await fakeGateway();
    await new Pushgateway(gateway.url, { headers: { 'Content-Encoding': 'gzip' } }).delete(group);
    expect(gateway.received[0].headers).not.toHaveProperty('content-encoding');
  });

  test('carries the given headers, except for those that describe the body', async () => {
    const { headers } = await received({ headers: { 'X-Scope-OrgID': 'shop', 'content-type': 'text/html' } });
    expect(headers['x-scope-orgid']).toBe('shop');
    expect(headers['content-type']).toMatch(/^text\/plain/);
  });

  const basic = `Basic ${Buffer.from('me:pä:ss').toString('base64')}`;
  test.each<[string, PushgatewayOptions, string]>([
    ['a string', { auth: 'me:pä:ss' }, basic],
    ['user name and password', { auth: { username: 'me', password: 'pä:ss' } }, basic],
    ['a token', { auth: { token: 'abc' } }, 'Bearer abc'],
    ['a function that returns tokens', { auth: { token: async () => 'new' } }, 'Bearer new'],
  ])('carries credentials from %s', async (_way, options, authorization) => {
    expect((await received(options)).headers.authorization).toBe(authorization);
  });

  test('carries no credentials if auth is empty, as from a variable that is not set', async () => {
    expect((await received({ auth: '' })).headers).not.toHaveProperty('authorization');
  });

  test('carries credentials from the URL, and keeps its path and query', async () => {
    const { headers, path } = await received({}, '/gate/way/?tenant=a', (url) => url.replace('//', '//me:p%C3%A4:ss@'));
    expect(headers.authorization).toBe(basic);
    expect(path).toBe('/gate/way/metrics/job/nightly/instance/eu-1?tenant=a');
  });

  test.each([
    ['uses http if the URL has no scheme', (url: string) => url.replace('http://', '')],
    ['trims white space around the URL, as read from files and environments', (url: string) => ` ${url}\n`],
  ])('%s', async (_what, change) => {
    gateway = await fakeGateway();
    await new Pushgateway(change(gateway.url), jobs()).push(group);
    expect(gateway.received[0].method).toBe('PUT');
  });
});

test('other options, such as a Unix socket, are passed on to the connection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promark-socket-'));
  const socketPath = join(folder, 'gateway');
  const server = createServer((request, response) => response.end(request.url)).listen(socketPath);
  await once(server, 'listening');
  const { body } = await new Pushgateway('http://gateway/way', { socketPath }, jobs()).push(group);
  server.close();
  await rm(folder, { recursive: true });
  expect(body).toBe('/way/metrics/job/nightly/instance/eu-1');
});

describe('a push uses', () => {
  /** Whether a push used Node's global agent. */
  async function shares(options: PushgatewayOptions): Promise<boolean> {
    let kept = 0;
    const keep = () => {
      kept += 1;
    };
    globalAgent.on('free', keep);
    await received(options);
    globalAgent.off('free', keep).destroy();
    return kept > 0;
  }

  const settings = (globalAgent as unknown as { options: { proxyEnv?: object } }).options;
  const { proxyEnv } = settings;

  afterEach(() => {
    settings.proxyEnv = proxyEnv;
  });

  test.each([{}, { agent: undefined }])('its own connection with the options %p', async (options) => {
    settings.proxyEnv = undefined;
    expect(await shares(options)).toBe(false);
  });

  test('the given agent', async () => {
    expect(await shares({ agent: globalAgent })).toBe(true);
  });

  test("Node's agent if that uses the proxy from the environment", async () => {
    settings.proxyEnv = {};
    expect(await shares({})).toBe(true);
  });
});

describe('the constructor takes', () => {
  test.each([
    ['a URL alone, for the default registry', (url: string) => new Pushgateway(url)],
    ['null for no options, as prom-client does', (url: string) => new Pushgateway(url, null)],
    ['a URL object', (url: string) => new Pushgateway(new URL(url))],
  ])('%s', async (_what, make) => {
    new Counter({ name: 'default_total', help: 'Default' }).inc();
    gateway = await fakeGateway();
    await make(gateway.url).push(group);
    expect(gateway.received[0].body).toContain('default_total 1\n');
  });

  test('no job name, with requireJobName: false', async () => {
    gateway = await fakeGateway();
    await new Pushgateway(gateway.url, { requireJobName: false }, jobs()).push({});
    expect(gateway.received[0].path).toBe('/metrics');
  });
});

describe('refuses', () => {
  const push = (parameters: object, options = {}) =>
    new Pushgateway('http://127.0.0.1:9', options).push(parameters as { jobName: string });

  test.each<[string, object, RegExp]>([
    ['no job', {}, /^Missing jobName parameter/],
    ['an empty job', { jobName: '' }, /^Missing jobName parameter/],
    ['a job that is not a string', { jobName: 5 }, /option jobName must be a string, got 5/],
    ['the job as a grouping', { jobName: 'a', groupings: { job: 'b' } }, /use jobName instead/],
    ['an invalid label name', { jobName: 'a', groupings: { 'a-b': 'b' } }, /got "a-b"/],
    ['a label name that Prometheus reserves', { jobName: 'a', groupings: { __name__: 'b' } }, /got "__name__"/],
    [
      'a value that is not a string',
      { jobName: 'a', groupings: { b: {} } },
      /^Option groupings: the value of label "b" must be a string, .* got an object/,
    ],
    [
      'a signal of an old replacement',
      { jobName: 'a', signal: new EventTarget() },
      /signal must be an AbortSignal, got/,
    ],
    ['groupings that are not an object', { jobName: 'a', groupings: 'b' }, /an object of labels and values, got "b"/],
  ])('%s', async (_what, parameters, message) => {
    await expect(push(parameters)).rejects.toThrow(message);
  });

  test.each<[string, unknown, RegExp]>([
    ['another scheme', 'ftp://me:secret@gate', /^The URL of a Pushgateway must look like.*"ftp:\/\/…@gate"/],
    ['no URL', undefined, /got undefined/],
    ['a broken URL', 'http://', /got "http:\/\/"/],
    ['a password that breaks the URL', 'http://me:se/c@ret@gate', /got "http:\/\/…@gate"/],
    ['the same without a scheme', 'me:se/cret@gate:9091', /got "…@gate:9091"/],
    ['what may be a password or a query', 'http://gate:x?token=se@cret', /got "http:\/\/…"/],
    ['an invalid port, with a query', 'http://gate:99999/?token=secret', /got "http:\/\/gate:99999\/\?…"/],
  ])('%s', (_what, url, message) => {
    expect(() => new Pushgateway(url as string)).toThrow(message);
  });

  test.each<[object, RegExp]>([
    [{ timeout: 0 }, /option timeout must be a whole number from 1/],
    [{ retries: -1 }, /option retries must be a whole number from 0/],
    [{ auth: { username: 'a:b', password: 'c' } }, /no colon in the name/],
    [{ signal: AbortSignal.abort() }, /option signal is one of push, pushAdd, delete and pushEvery\. Pass it there\./],
    [{ path: '/push' }, /option path must be part of the URL instead, got "\/push"\./],
    [{ port: 9092 }, /option port must be part of the URL instead, got 9092\./],
    [{ format: 'openmetrics' }, /one of "text", "protobuf", got "openmetrics"/],
  ])('the options %j', (options, message) => {
    expect(() => new Pushgateway('http://gate', options as PushgatewayOptions)).toThrow(message);
  });

  test('something that is not a registry', () => {
    expect(() => new Pushgateway('http://gate', {}, 5 as never)).toThrow(/must be a promark Registry/);
  });
});

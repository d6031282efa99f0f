import { once } from 'node:events';
import { createServer, get, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type HttpClientMetricsOptions, httpClientMetrics, Registry } from 'promark';
import { until } from '../support/until.js';
import { closeServers, listen } from './listening.js';

let registry: Registry;
let url: string;
let host: string;
let stop: () => void = () => {};

beforeEach(async () => {
  registry = new Registry({ logger: { warn: () => {} } });
  url = await listen(
    createServer((incoming, response) => {
      if (incoming.url === '/hang') return;
      if (incoming.url === '/begin') response.write('beginning');
      else if (incoming.url === '/break') response.write('beginning', () => setImmediate(() => response.destroy()));
      else if (incoming.url === '/moved') response.writeHead(302, { location: '/' }).end();
      else response.writeHead(incoming.url === '/none' ? 404 : 200).end('answer');
    }),
  );
  ({ host } = new URL(url));
});

afterEach(async () => {
  stop();
  await closeServers();
});

function measure(options: HttpClientMetricsOptions = {}): void {
  ({ stop } = httpClientMetrics({ registry, ...options }));
}

/** How many requests there were of each `method host status`, once there are as many as expected. */
async function counted(expected: number): Promise<Record<string, number>> {
  return until('the requests', async () => {
    const samples = (await registry.gather()).flatMap((family) => family.samples);
    const counts = samples.filter(({ name }) => name === 'http_client_request_duration_seconds_count');
    const total = counts.reduce((sum, { value }) => sum + value, 0);
    if (total < expected) return undefined;
    return Object.fromEntries(
      counts.map(({ labels: { method, host, status_code }, value }) => [`${method} ${host} ${status_code}`, value]),
    );
  });
}

async function ended(path: string, signal?: AbortSignal): Promise<void> {
  const sent = get(url + path, { agent: false, ...(signal && { signal }) });
  const closed = new Promise<void>((resolve) => sent.once('close', () => resolve()));
  sent.on('error', () => {});
  sent.on('response', (response) => response.on('error', () => {}).resume());
  await closed;
}

const ignored = () => {};

describe.each<[string, (path: string, signal?: AbortSignal) => Promise<unknown>]>([
  ['fetch', (path, signal) => fetch(url + path, { ...(signal && { signal }) }).then((r) => r.text())],
  ['node:http', ended],
])('requests of %s', (_, send) => {
  test('are counted by method, host and status code', async () => {
    measure();
    await send('/');
    await send('/');
    await send('/none');
    expect(await counted(3)).toEqual({ [`GET ${host} 200`]: 2, [`GET ${host} 404`]: 1 });
  });

  test('count as error if there is no whole response, and as aborted if the caller gives up', async () => {
    measure();
    await send('/break').catch(ignored);
    const abort = new AbortController();
    const hanging = send('/hang', abort.signal).catch(ignored);
    setImmediate(() => abort.abort());
    await hanging;
    expect(await counted(2)).toEqual({ [`GET ${host} error`]: 1, [`GET ${host} aborted`]: 1 });
  });

  test('count as error if there is no server', async () => {
    measure();
    await closeServers();
    await send('/').catch(ignored);
    expect(await counted(1)).toEqual({ [`GET ${host} error`]: 1 });
  });

  test('are not counted any more after stop, and once for two calls', async () => {
    measure();
    const second = httpClientMetrics({ registry });
    await send('/');
    expect(await counted(1)).toEqual({ [`GET ${host} 200`]: 1 });
    second.stop();
    second.stop();
    await send('/');
    expect(await counted(2)).toEqual({ [`GET ${host} 200`]: 2 });
    stop();
    await send('/');
    expect(await counted(2)).toEqual({ [`GET ${host} 200`]: 2 });
  });

  test('go on after the registry was cleared', async () => {
    measure();
    await send('/');
    await counted(1);
    registry.clear();
    await send('/');
    expect(await counted(1)).toEqual({ [`GET ${host} 200`]: 1 });
  });
});

test('each request of a redirect counts', async () => {
  measure();
  await (await fetch(`${url}/moved`)).text();
  expect(await counted(2)).toEqual({ [`GET ${host} 302`]: 1, [`GET ${host} 200`]: 1 });
});

test('a response that the caller leaves counts as aborted', async () => {
  measure();
  const [response] = await once(request(`${url}/begin`, { method: 'POST', agent: false }).end(), 'response');
  response.destroy();
  const body = (await fetch(`${url}/begin`, { method: 'POST' })).body;
  await body?.cancel();
  expect(await counted(2)).toEqual({ [`POST ${host} aborted`]: 2 });
});

describe('hosts', () => {
  test('are other if they are not among those that are named', async () => {
    measure({ hosts: ['api.example.com'] });
    await ended('/');
    expect(await counted(1)).toEqual({ 'GET other 200': 1 });
  });

  test('are limited, with one warning', async () => {
    const warnings: string[] = [];
    registry = new Registry({ logger: { warn: (message) => warnings.push(message) } });
    measure({ maxHosts: 1 });
    const more = await listen(createServer((_request, response) => response.end()));
    await ended('/');
    for (let i = 0; i < 2; i++) await (await fetch(more)).text();
    expect(await counted(3)).toEqual({ [`GET ${host} 200`]: 1, 'GET other 200': 2 });
    expect(warnings).toEqual([expect.stringContaining('Requests went to more than 1 hosts')]);
  });

  test('can be ignored', async () => {
    const asked: string[] = [];
    measure({ ignore: (name) => asked.push(name) === 1 });
    await ended('/');
    await ended('/none');
    expect(await counted(1)).toEqual({ [`GET ${host} 404`]: 1 });
    expect(asked).toEqual([host, host]);
  });
});

test('invalid options are refused', () => {
  const attempt = (options: object) => () => httpClientMetrics(options);
  expect(attempt({ host: ['a'] })).toThrow('unknown option "host", did you mean "hosts"?');
  expect(attempt({ hosts: ['http://a/'] })).toThrow('option hosts must be an array of hosts');
  expect(attempt({ maxHosts: 0 })).toThrow('option maxHosts must be a whole number of 1 or more');
});

import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Registry } from 'promark';
import { ask } from '../support/http-client.js';
import { FRAMEWORKS, type Mounted } from './frameworks.js';

describe.each(FRAMEWORKS)('a scrape of %s', (name, mount) => {
  let mounted: Mounted;
  let registry: Registry;
  let url: string;

  beforeAll(async () => {
    registry = new Registry();
    new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc(2);
    new Gauge({ name: 'b.c', help: 'B', registers: [registry] }).set(3);
    mounted = await mount(registry);
    url = mounted.url;
  });

  afterAll(() => mounted?.close());

  const TEXT = '# HELP a_total A\n# TYPE a_total counter\na_total 2\n# HELP b_c B\n# TYPE b_c gauge\nb_c 3\n';
  const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
  const PROTOBUF =
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=underscores';

  test('is answered with text by default', async () => {
    const { status, headers, body } = await ask(url);
    expect([status, String(body)]).toEqual([200, TEXT]);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
      'content-length': String(TEXT.length),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      vary: 'Accept, Accept-Encoding',
    });
  });

  test.each([
    [`${OPENMETRICS};q=0.6,text/plain;q=0.5`, 'application/openmetrics-text; version=1.0.0;', /\nb_c 3\.?0?\n# EOF\n$/],
    [`${OPENMETRICS};escaping=allow-utf-8`, 'escaping=allow-utf-8', /\n\{"b\.c"\} 3\.?0?\n# EOF\n$/],
    [`text/plain;q=0.1,${PROTOBUF}`, 'application/vnd.google.protobuf;', /a_total/],
  ])('is answered in the format that Accept prefers: %s', async (accept, type, page) => {
    const { status, headers, body } = await ask(url, { headers: { accept } });
    expect([status, headers['content-type']]).toEqual([200, expect.stringContaining(type)]);
    expect(body.toString('latin1')).toMatch(page);
  });

  test.each([
    ['gzip', 'gzip'],
    ['deflate, gzip;q=0.5', 'gzip'],
    ['identity', undefined],
    ['br', undefined],
    ['gzip;q=0', undefined],
  ])('is encoded as Accept-Encoding prefers: %s', async (accepted, encoding) => {
    const { headers, body } = await ask(url, { headers: { 'accept-encoding': accepted } });
    expect(headers['content-encoding']).toBe(encoding);
    expect(String(encoding === 'gzip' ? gunzipSync(body) : body)).toBe(TEXT);
  });

  test.each(['identity', 'gzip'])('has the headers of a GET for a HEAD, encoded as %s', async (accepted) => {
    const options = { headers: { accept: OPENMETRICS, 'accept-encoding': accepted } };
    const [head, get] = [await ask(url, { method: 'HEAD', ...options }), await ask(url, options)];
    expect([head.status, head.body.length]).toEqual([200, 0]);
    for (const header of ['content-type', 'content-length', 'content-encoding', 'vary', 'cache-control']) {
      expect(head.headers[header]).toBe(get.headers[header]);
    }
  });

  test('is restricted to the requested names', async () => {
    const { body } = await ask(`${url}?name[]=b.c&name%5B%5D=none`);
    expect(String(body)).toBe('# HELP b_c B\n# TYPE b_c gauge\nb_c 3\n');
  });

  test('is complete when the page has many chunks', async () => {
    const many = new Gauge({ name: 'many', help: 'M', labelNames: ['n'], maxSeries: 0, registers: [registry] });
    for (let n = 0; n < 10_000; n++) many.set({ n }, n / 7);
    const plain = await registry.metrics();
    const { body } = await ask(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(String(gunzipSync(body))).toBe(plain);
    expect(String((await ask(url)).body)).toBe(plain);
    registry.removeSingleMetric('many');
  });

  test('is refused for other methods', async () => {
    const { status, headers } = await ask(url, { method: 'DELETE' });
    // Fastify looks up routes by method, and finds none.
    expect([status, headers.allow]).toEqual(name === 'Fastify' ? [404, undefined] : [405, 'GET, HEAD']);
  });
});

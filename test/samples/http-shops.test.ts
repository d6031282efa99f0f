import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { samplesOn } from '../support/page.js';
import { type BuiltSample, buildSample } from './built-sample.js';

/** The values on a page by `name` and the values of labels. */
function valuesOn(page: string): Record<string, number> {
  return Object.fromEntries(
    samplesOn(page).map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  );
}

describe.each(['express-shop', 'fastify-shop'])('the sample %s', (name) => {
  let sample: BuiltSample;

  beforeAll(async () => {
    sample = await buildSample(name);
  });

  afterAll(() => sample?.remove());

  test('counts its requests by the template of their route', async () => {
    const shop = await sample.start('dist/main.js', { PORT: '0' });
    const ask = async (path: string, method = 'GET') => (await fetch(shop.url + path, { method })).text();
    await ask('/shops/7/orders/gold', 'POST');
    await ask('/shops/8/orders/42');
    await ask('/shops/9/orders/43');
    await ask('/health');
    await ask('/metrics');
    await ask('/nothing');
    const values = valuesOn(await ask('/metrics'));
    const requests = Object.entries(values).filter(([key]) => key.startsWith('http_request_duration_seconds_count'));
    expect(Object.fromEntries(requests)).toEqual({
      'http_request_duration_seconds_count POST /shops/:shop/orders/:tier 201': 1,
      'http_request_duration_seconds_count GET /shops/:shop/orders/:order 200': 2,
      'http_request_duration_seconds_count GET unmatched 404': 1,
    });
    expect(values).toMatchObject({ 'orders_total gold': 1, 'http_requests_in_progress GET': 0 });
    expect(await shop.close()).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the sample hono-fetch', () => {
  let sample: BuiltSample;

  beforeAll(async () => {
    sample = await buildSample('hono-fetch');
  });

  afterAll(() => sample?.remove());

  test('prints its page', async () => {
    const { code, stdout, stderr } = await sample.run('dist/main.js');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('\ngreetings_total 2\n');
  });
});

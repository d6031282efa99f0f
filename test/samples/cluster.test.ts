import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
import { until } from '../support/until.js';
import { type BuiltSample, buildSample } from './built-sample.js';

let sample: BuiltSample;

beforeAll(async () => {
  sample = await buildSample('cluster');
});

afterAll(() => sample?.remove());

test('the sample cluster shows the orders of all workers, those of a killed one included', async () => {
  // Workers of a cluster share the port that 0 stands for.
  const env = { PORT: '0', METRICS_PORT: '0' };
  const { url: both, close } = await sample.start(
    'dist/main.js',
    env,
    /(?=[\s\S]*workers: \S+\n)(?=[\s\S]*serves \S+\n)([\s\S]*)/,
  );
  const url = /workers: (\S+)/.exec(both)?.[1] ?? '';
  const shop = /serves (\S+)/.exec(both)?.[1] ?? '';
  const page = async () => (await fetch(url)).text();
  await until('four workers', async () => (await page()).match(/^shop_worker_ready\{worker="\d"\} 1$/gm)?.length === 4);
  for (let i = 0; i < 40; i++) await (await fetch(shop)).text();
  const orders = async () => sampleValue(await page(), 'shop_orders_total');
  await until('40 orders', async () => (await orders()) === 40);
  await fetch(`${shop}/crash`).catch(() => {});
  await until('another worker', async () => (await page()).includes('shop_worker_ready{worker="5"} 1'));
  const text = await page();
  expect(await sampleValue(text, 'shop_orders_total')).toBe(40);
  expect(await sampleValue(text, 'shop_order_seconds_count')).toBe(40);
  expect(await sampleValue(text, 'shop_open_orders')).toBe(0);
  // The one of the primary was never set.
  expect(text.match(/^shop_worker_ready\{.*\} 1$/gm)).toHaveLength(4);
  await close();
});

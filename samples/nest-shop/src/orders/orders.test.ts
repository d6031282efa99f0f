import { afterAll, beforeAll, expect as jest, test } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { scrape } from 'promark/testing';
import { withSamples } from 'promark/testing/jest';
import { startShop } from '../start-shop.js';

const expect = withSamples(jest);
let app: INestApplication;
let url: string;

beforeAll(async () => {
  ({ app, url } = await startShop(0));
});

afterAll(() => app.close());

test('an order is counted by its tier, and its request by its route', async () => {
  const order = { tier: 'gold', sku: 'teapot', quantity: 2, card: 'good' };
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify(order) });
  expect(response.status).toBe(201);

  const page = await scrape(`${url}/metrics`);
  await expect(page).toHaveSample('orders_total', { tier: 'gold', result: 'ok' }, 1);
  await expect(page).toHaveSample(
    'http_request_duration_seconds_count',
    { method: 'POST', route: '/orders', status_code: 201 },
    1,
  );
});

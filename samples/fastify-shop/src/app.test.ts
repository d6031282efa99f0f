import { register } from 'promark';
import { change } from 'promark/testing';
import { withSamples } from 'promark/testing/vitest';
import { test, expect as vitest } from 'vitest';
import { createApp } from './app.js';

const expect = withSamples(vitest);

test('counts orders by tier, and all tiers but gold as one', async () => {
  const app = createApp();
  const ordering = change(async () => {
    for (const tier of ['gold', 'tin', 'lead']) await app.inject({ method: 'POST', url: `/shops/7/orders/${tier}` });
  });
  expect(await ordering.of('orders_total', { tier: 'gold' })).toBe(1);
  expect(await ordering.of('orders_total', { tier: 'other' })).toBe(2);
  await app.close();
});

test('measures requests by route', async () => {
  const app = createApp();
  await app.inject('/shops/7/orders/42');
  const request = { method: 'GET', route: '/shops/:shop/orders/:order', status_code: 200 };
  await expect(register).toHaveSample('http_request_duration_seconds_count', request, 1);
  await app.close();
});

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { expectSample, scrape } from 'promark/testing';
import { app } from './app.js';

test('shows orders by tier and requests by route on its page', async () => {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await (await fetch(`${url}/shops/7/orders/gold`, { method: 'POST' })).text();

  const page = await scrape(`${url}/metrics`);
  await expectSample(page, 'orders_total', { tier: 'gold' }, 1);
  const request = { method: 'POST', route: '/shops/:shop/orders/:tier', status_code: 201 };
  await expectSample(page, 'http_request_duration_seconds_count', request, 1);
  server.close();
});

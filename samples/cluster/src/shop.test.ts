import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change } from 'promark/testing';
import { startShop } from './shop.js';

// The test runs one worker in its own process. That the page adds up the workers is promark's to test.
test('counts an order and its duration', async () => {
  const { url, close } = await startShop(0);
  const ordering = change(async () => (await fetch(url)).text());
  assert.equal(await ordering.of('shop_orders_total'), 1);
  assert.equal(await ordering.of('shop_order_seconds_count'), 1);
  assert.equal(await ordering.of('shop_open_orders'), 0);
  close();
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { change } from 'promark/testing';
import { createApp } from './app.js';

test('measures orders, and leaves health checks out', async () => {
  const app = createApp().listen(0, '127.0.0.1');
  await once(app, 'listening');
  const { port } = app.address() as AddressInfo;
  const requesting = change(async () => {
    for (const path of ['/orders/7', '/health']) await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    // Requests are recorded when their response has been sent.
    app.close();
    app.closeIdleConnections();
    await once(app, 'close');
  });
  assert.equal(await requesting.of('order_seconds_count', { result: 'ok' }), 1);
  const requests = 'http_request_duration_seconds_count';
  assert.equal(await requesting.of(requests, { method: 'GET', route: '/orders/:id', status_code: 200 }), 1);
  assert.equal(await requesting.of(requests, { method: 'GET', route: 'unmatched', status_code: 200 }), 0);
});

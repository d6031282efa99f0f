import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change } from 'promark/testing';
import { Kitchen } from './kitchen.js';

test('counts dishes and measures how long they take', async () => {
  const cooking = change(() => new Kitchen().serve('soup'));
  assert.equal(await cooking.of('dishes_total', { dish: 'soup', result: 'ok' }), 1);
  assert.equal(await cooking.of('dish_cooking_seconds_count'), 1);
});

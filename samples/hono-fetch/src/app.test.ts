import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, expectSample } from 'promark/testing';
import { app } from './app.js';

test('counts greetings', async () => {
  const greeting = change(() => app.request('/'));
  assert.equal(await greeting.of('greetings_total'), 1);
});

test('has the greetings on its page', async () => {
  const response = await app.request('/metrics');
  await expectSample(await response.text(), 'greetings_total', {}, 1);
});

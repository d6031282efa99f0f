import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from 'promark';
import { change, expectSample } from 'promark/testing';
import { app } from './app.js';

test('counts greetings', async () => {
  const greeting = change(() => app.request('/'));
  assert.equal(await greeting.of('greetings_total'), 1);
});

test('has the greetings on its page', async () => {
  const page = parseText(await (await app.request('/metrics')).text());
  await expectSample(page, 'greetings_total', {}, 1);
});

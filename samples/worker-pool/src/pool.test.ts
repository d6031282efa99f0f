import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change } from 'promark/testing';
import './metrics.js';
import { Pool } from './pool.js';

test('what the threads record is in the registry of the program', async () => {
  const pool = new Pool(2);
  const hashing = change(() => Promise.all(['secret', 'hidden', ''].map((password) => pool.hash(password))));
  assert.equal(await hashing.of('hashes_total', { outcome: 'hashed' }), 2);
  assert.equal(await hashing.of('hashes_total', { outcome: 'refused' }), 1);
  assert.equal(await hashing.of('hash_seconds_count'), 3);
  await pool.close();
});

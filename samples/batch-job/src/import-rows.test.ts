import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change } from 'promark/testing';
import { RowImport } from './import-rows.js';

// The metrics of a module are shared by all of its tests: look at what each test changes.
test('counts the imported rows by kind', async () => {
  const importing = change(() => new RowImport(-1).run(6));
  assert.equal(await importing.of('import_rows_total', { kind: 'order' }), 2);
  assert.equal(await importing.of('import_row_seconds_count'), 6);
  assert.equal(await importing.of('import_runs_total', { result: 'ok' }), 1);
});

test('counts the rows before the one that failed', async () => {
  const importing = change(() => assert.rejects(new RowImport(3).run(6), /row 3 is broken/));
  assert.equal(await importing.of('import_rows_total', { kind: 'order' }), 1);
  assert.equal(await importing.of('import_runs_total', { result: 'error' }), 1);
});

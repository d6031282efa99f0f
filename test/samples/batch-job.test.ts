import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
import { type FakeGateway, fakeGateway } from '../exporters/pushgateway/fake-gateway.js';
import { type BuiltSample, buildSample } from './built-sample.js';

let job: BuiltSample;
let gateway: FakeGateway | undefined;

beforeAll(async () => {
  job = await buildSample('batch-job');
});

afterEach(() => gateway?.close());
afterAll(() => job?.remove());

async function run(env: NodeJS.ProcessEnv = {}) {
  gateway = await fakeGateway();
  const ended = await job.run('dist/main.js', { PUSHGATEWAY_URL: gateway.url, ROWS: '6', ...env });
  const last = gateway.received.at(-1);
  const value = (name: string, labels?: Record<string, string>) => sampleValue(last?.body ?? '', name, labels);
  return { ...ended, last, value };
}

describe('the sample batch-job', () => {
  test('pushes what it has done when it succeeds', async () => {
    const { code, stderr, last, value } = await run();
    expect([code, stderr]).toEqual([0, '']);
    expect(last).toMatchObject({ method: 'POST', path: `/metrics/job/import/instance/${hostname()}` });
    expect(await value('import_rows_total', { kind: 'order' })).toBe(2);
    expect(await value('import_row_seconds_count')).toBe(6);
    expect(await value('import_last_success_timestamp_seconds')).toBeGreaterThan(0);
  });

  test('also pushes when it fails', async () => {
    const { code, stderr, value } = await run({ FAIL_AT: '3' });
    expect([code, stderr]).toEqual([1, 'The import failed: Error: row 3 is broken\n']);
    expect(await value('import_rows_total', { kind: 'order' })).toBe(1);
    expect(await value('import_last_success_timestamp_seconds')).toBeUndefined();
  });

  test('succeeds even if the push fails', async () => {
    const { code, stdout, stderr } = await run({ PUSHGATEWAY_URL: 'http://127.0.0.1:1' });
    expect([code, stdout]).toEqual([0, 'All rows are imported.\n']);
    expect(stderr).toMatch(/^The metrics were not pushed: PushError: POST .*ECONNREFUSED/);
  });
});

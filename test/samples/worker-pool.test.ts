import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
import { ask } from '../support/http-client.js';
import { type BuiltSample, buildSample } from './built-sample.js';

let sample: BuiltSample;

beforeAll(async () => {
  sample = await buildSample('worker-pool');
});

afterAll(() => sample?.remove());

describe('the sample worker-pool', () => {
  test('has what all of its worker threads have counted on one page', async () => {
    const ports = { PORT: '0', METRICS_PORT: '0' };
    const serving = await sample.start('dist/main.js', ports, /http:\S+\/hash\S+ metrics at http:\S+/);
    const [work, metrics] = serving.url.match(/http:[^\s?]+/g) ?? [];
    const hash = (password: string) => ask(`${work}?password=${password}`);
    const answers = await Promise.all(['a', 'b', 'c', '', 'd', 'e', 'f', 'g'].map(hash));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 400, 200, 200, 200, 200]);
    const page = (await ask(String(metrics))).body.toString();
    expect(await sampleValue(page, 'hashes_total', { outcome: 'hashed' })).toBe(7);
    expect(await sampleValue(page, 'hashes_total', { outcome: 'refused' })).toBe(1);
    expect(await sampleValue(page, 'hash_seconds_count')).toBeGreaterThanOrEqual(7);
    expect(page.match(/^hasher_heap_bytes\{worker="\d+"\}/gm)?.length).toBe(4);
    await serving.close();
  });
});

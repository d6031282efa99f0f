import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { samplesOn, sampleValue } from '../support/page.js';
import { type BuiltSample, buildSample } from './built-sample.js';

let sample: BuiltSample;

beforeAll(async () => {
  sample = await buildSample('annotations');
});

afterAll(() => sample?.remove());

test.each(['standard', 'legacy'])('the annotations sample shows every decorator in the %s dialect', async (dialect) => {
  const { code, stdout, stderr } = await sample.run(`dist/${dialect}/main.js`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [said, page] = stdout.split('\n\n');
  expect(said).toBe('No Hamlet here');
  const samples = samplesOn(`${page?.trimEnd()}\n`);
  const seen = (name: string, labels: Record<string, string>) => sampleValue(samples, name, labels);
  expect(seen('method_duration_seconds_count', { class: 'Library', method: 'order', result: 'ok' })).toBe(2);
  expect(seen('library_loans_total', { result: 'ok', length: 'short' })).toBe(2);
  expect(seen('library_loans_total', { result: 'ok', length: 'long' })).toBe(1);
  expect(seen('library_readers', {})).toBe(1);
  expect(seen('method_exceptions_total', { class: 'Library', method: 'find', exception: 'RangeError' })).toBe(1);
  expect(seen('library_fine_euros_sum', {})).toBe(3);
  expect(seen('library_books', { city: 'Alexandria' })).toBe(2);
  expect(seen('method_calls_total', { class: 'Door', method: 'open', result: 'ok', exception: 'none' })).toBe(1);
  expect(samples.filter(({ labels }) => Object.values(labels).includes('look'))).toEqual([]);
});

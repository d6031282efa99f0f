import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
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
  const seen = (name: string, labels: Record<string, string>) => sampleValue(`${page?.trimEnd()}\n`, name, labels);
  expect(await seen('method_duration_seconds_count', { class: 'Library', method: 'order', result: 'ok' })).toBe(2);
  expect(await seen('library_loans_total', { result: 'ok', length: 'short' })).toBe(2);
  expect(await seen('library_loans_total', { result: 'ok', length: 'long' })).toBe(1);
  expect(await seen('library_readers', {})).toBe(1);
  expect(
    await seen('method_exceptions_total', {
      class: 'Library',
      method: 'find',
      exception: 'RangeError',
    }),
  ).toBe(1);
  expect(await seen('library_fine_euros_sum', {})).toBe(3);
  expect(await seen('library_books', { city: 'Alexandria' })).toBe(2);
  expect(
    await seen('method_calls_total', {
      class: 'Door',
      method: 'open',
      result: 'ok',
      exception: 'none',
    }),
  ).toBe(1);
  expect(page).not.toContain('look');
});

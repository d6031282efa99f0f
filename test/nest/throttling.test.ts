import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Programs, preparePrograms } from './programs.js';

let programs: Programs;

beforeAll(async () => {
  programs = await preparePrograms();
});

afterAll(() => programs.remove());

// In a process of its own, because Jest cannot `require` the ES modules of Nest 12, and @nestjs/throttler does.
test('an app that throttles does not throttle its scrapers', async () => {
  expect(await programs.run('throttling')).toBe('/pages 200 200 429 429\n/metrics 200 200 200 200\n');
});

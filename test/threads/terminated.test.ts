import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../exporters/programs.js';
import { plainEnvironment } from '../support/processes.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;

beforeAll(async () => {
  programs = await buildPrograms('test/load/worker-threads.mjs');
});

afterAll(() => programs?.remove());

test('24 threads that are terminated at random lose no counts, and no scrape fails or misses a series', async () => {
  const program = [programs.path('worker-threads.mjs'), '24'];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env: plainEnvironment() });
  const { threads, counted, lost, faults, scrapes } = JSON.parse(stdout);
  expect({ threads, lost, faults }).toEqual({ threads: 24, lost: 0, faults: [] });
  expect(counted).toBeGreaterThan(0);
  expect(scrapes).toBeGreaterThan(2);
});

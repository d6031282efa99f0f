import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nests, type Programs, preparePrograms } from './programs.js';

let programs: Programs;

beforeAll(async () => {
  programs = await preparePrograms();
});

afterAll(() => programs.remove());

// In a separate process, because Jest cannot `require` the ES modules of Nest 12, and @nestjs/throttler does.
test.each(nests)(
  'an app with throttling does not throttle its scrapers unless its controller says so, on %s',
  async (nest) => {
    const pages = '200 200 429 429';
    expect((await programs.run('throttling', nest)).split('\n')).toEqual([
      `unnamed: ${pages} | 200 200 200 200`,
      `named: ${pages} | 200 200 200 200`,
      `in options: ${pages} | 200 200 200 200`,
      `later: ${pages} | 200 200 200 200`,
      `on Fastify: ${pages} | 200 200 200 200`,
      `by its own controller: ${pages} | 200 200 200 429`,
      `by its own handler: ${pages} | 200 200 200 429`,
      '',
    ]);
  },
);

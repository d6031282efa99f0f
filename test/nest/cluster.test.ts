import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nests, type Programs, preparePrograms } from './programs.js';

let programs: Programs;

beforeAll(async () => {
  programs = await preparePrograms();
});

afterAll(() => programs.remove());

test.each(nests)('the workers of a cluster share the port of the option `server`, on %s', async (nest) => {
  const [first, second] = JSON.parse(await programs.run('cluster', nest));
  expect(first).toEqual({ url: expect.stringMatching(/^http:.*\/metrics$/), isPage: true });
  expect(second).toEqual(first);
});

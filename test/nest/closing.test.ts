import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nests, type Programs, preparePrograms } from './programs.js';

let programs: Programs;

beforeAll(async () => {
  programs = await preparePrograms();
});

afterAll(() => programs.remove());

test.each(nests)('a program exits on its own when its app is closed, on %s', async (nest) => {
  // If a server, a timer or an observer kept it alive, it would be killed and the promise rejected.
  expect(await programs.run('closing', nest)).toMatch(/^process_cpu_user_seconds_total /m);
});

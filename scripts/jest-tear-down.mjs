// After all tests: removes what jest-set-up.mjs has made.
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export default async function tearDown() {
  const { PROMARK_TEST_THREAD: program } = process.env;
  if (program !== undefined) await rm(dirname(program), { recursive: true, force: true });
}

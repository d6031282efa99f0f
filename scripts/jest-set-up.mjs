// Before all tests: makes the program of the server's thread from the sources as they are, once for all test files
// (test/thread-location.ts), so that tests need no build of the package.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleThread } from './bundle-thread.mjs';

export default async function setUp() {
  const folder = await mkdtemp(join(tmpdir(), 'promark-thread-'));
  process.env.PROMARK_TEST_THREAD = join(folder, 'server-thread.cjs');
  await bundleThread(process.env.PROMARK_TEST_THREAD);
}

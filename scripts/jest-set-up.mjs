// Runs before all tests: bundles the sources, and builds the thread programs from them, once for all test files, so that
// tests do not need a build of the package. Makes a folder for what test files share, such as built samples.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePage } from './bundle-page.mjs';
import { bundleThreads } from './bundle-thread.mjs';
import { bundleSources } from './jest-sources.mjs';

export default async () => {
  const shared = realpathSync(mkdtempSync(join(tmpdir(), 'promark-tests-')));
  process.once('exit', () => rmSync(shared, { recursive: true, force: true }));
  process.env.PROMARK_TEST_RUN = shared;
  await Promise.all([bundleSources(), bundleThreads(), bundlePage()]);
};

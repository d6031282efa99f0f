// Runs before all tests. Bundles the sources and the threads' programs once for all test files, so that tests do not need
// a build of the package. Creates a folder for files that tests share, such as built samples.
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

// Runs before all tests: bundles the sources, and builds the thread programs from them, once for all test files, so that
// tests do not need a build of the package.
import { bundlePage } from './bundle-page.mjs';
import { bundleThreads } from './bundle-thread.mjs';
import { bundleSources } from './jest-sources.mjs';

export default () => Promise.all([bundleSources(), bundleThreads(), bundlePage()]);

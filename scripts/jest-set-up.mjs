// Runs before all tests: builds the thread programs from the current sources, once for all test files, so that tests do
// not need a build of the package.
import { bundlePage } from './bundle-page.mjs';
import { bundleThreads } from './bundle-thread.mjs';

export default () => Promise.all([bundleThreads(), bundlePage()]);

// Before all tests: makes the program of the server's thread from the sources as they are, once for all test files, so
// that tests need no build of the package.
import { bundlePage } from './bundle-page.mjs';
import { bundleThreads } from './bundle-thread.mjs';

export default () => Promise.all([bundleThreads(), bundlePage()]);

/**
 * Samples and pages in tests.
 *
 * @module promark/testing
 */

export { type Change, change, type ReadMetric } from './change.js';
export { expectPage } from './expect-page.js';
export { withIsolatedRegistry } from './isolated-registry.js';
export { type LintFinding, type LintOptions, type LintSeverity, lint } from './lint.js';
export { expectSample, type SampleLabels, type SampleSource, sampleValue } from './samples.js';
export { type ScrapedPage, scrape } from './scrape.js';

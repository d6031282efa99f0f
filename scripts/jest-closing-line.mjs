/** A Jest reporter that ends the run with one plain line, `N passed, N failed`, for whoever reads the log by program. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    // A suite that could not even start has no tests to count, but is a failure all the same.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    console.log(`${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

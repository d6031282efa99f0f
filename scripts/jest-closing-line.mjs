/** A Jest reporter that ends the run with one plain line, `N passed, N failed`, for whoever reads the log by program. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    // A suite that could not even start has no tests to count, but is a failure all the same.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // Jest's own summary is printed after every other reporter, and only the exit comes later still.
    process.once('exit', () => console.log(line));
  }
}

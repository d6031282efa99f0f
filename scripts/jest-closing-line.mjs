/** A Jest reporter that ends the run with one plain line, `N passed, N failed`, for programs that read the log. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    // A suite that could not start has no tests, but counts as a failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // Jest prints its summary after all other reporters; only the exit comes later.
    process.once('exit', () => console.log(line));
  }
}

import Sequencer from '@jest/test-sequencer';

/** Tests that force garbage collections, which take ten times as long in a worker that has run many others. */
const COLLECTING = /\/(default-metrics-gc|default-metrics-lifecycle|clients|classes|gauge-from|dashboards?)\.test\.ts$/;

/** Tests that mostly wait for other programs. */
const WAITING =
  /\/test\/((prometheus|samples|page|docs|runtimes|processes|threads)\/|nest\/(closing|cluster|multiprocess|throttling)\.test)/;

/** Tests for which the package is being packed when a run begins. */
const PACKED = /\/test\/package\//;

/**
 * Starts tests that force collections first, and then those that wait for other programs: a long one at the end would
 * leave the other cores idle. Jest sorts by the durations of the last run, which a fresh clone does not have.
 */
export default class WaitingFirst extends Sequencer {
  sort(tests) {
    const orders = [COLLECTING, WAITING, PACKED, /^/];
    const groups = orders.map(() => []);
    for (const test of super.sort(tests)) groups[orders.findIndex((order) => order.test(test.path))].push(test);
    return groups.flat();
  }
}

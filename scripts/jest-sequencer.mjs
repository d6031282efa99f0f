import Sequencer from '@jest/test-sequencer';

/** Folders of tests that mostly wait for other programs. */
const WAITING = /\/test\/(package|prometheus|samples|page|docs|runtimes|processes)\//;

/**
 * Starts the tests that wait for other programs first: a long one at the end would leave the other cores idle. Jest goes
 * by the durations of the last run, which a fresh clone does not have.
 */
export default class WaitingFirst extends Sequencer {
  sort(tests) {
    const [waiting, others] = [[], []];
    for (const test of super.sort(tests)) (WAITING.test(test.path) ? waiting : others).push(test);
    return [...waiting, ...others];
  }
}

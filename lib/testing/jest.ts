/**
 * Matchers for Jest.
 *
 * @module promark/testing/jest
 */

import { type ExpectFunction, type ExpectWithSamples, extendExpect } from './matchers.js';

export type { ExpectFunction, ExpectWithSamples, SampleExpectation, SampleMatchers } from './matchers.js';

/**
 * Adds `toHaveSample` and `toMatchPage` to the `expect` of Jest, and returns it with their types. The types need no
 * augmentation of Jest's modules, so they also work if packages cannot see each other, as with pnpm.
 *
 * @example
 * import { expect as plain } from '@jest/globals';
 * import { withSamples } from 'promark/testing/jest';
 *
 * const expect = withSamples(plain);
 * await expect(register).toHaveSample('orders_total', { tier: 'gold' }, 1);
 */
export function withSamples<E extends ExpectFunction>(expect: E): ExpectWithSamples<E> {
  return extendExpect(expect, false);
}

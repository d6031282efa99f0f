/**
 * Matchers for Vitest.
 *
 * @module promark/testing/vitest
 */

import { type ExpectFunction, type ExpectWithSamples, extendExpect } from './matchers.js';

export type { ExpectFunction, ExpectWithSamples, SampleExpectation, SampleMatchers } from './matchers.js';

/**
 * Adds `toHaveSample` and `toMatchPage` to the `expect` of Vitest, and returns it with their types. The types need no
 * augmentation of Vitest's modules, so they also work if packages cannot see each other, as with pnpm.
 *
 * @example
 * import { expect as plain } from 'vitest';
 * import { withSamples } from 'promark/testing/vitest';
 *
 * const expect = withSamples(plain);
 * await expect(register).toHaveSample('orders_total', { tier: 'gold' }, 1);
 */
export function withSamples<E extends ExpectFunction>(expect: E): ExpectWithSamples<E> {
  return extendExpect(expect, true);
}

import { resettle } from './marks.js';

/**
 * Lets `@GaugeFrom` know of an instance: for `experimentalDecorators`, which do not tell of new instances. Call it in the
 * constructor, or wherever an instance is made. With standard decorators it changes nothing.
 *
 * @example
 * class Queue {
 *   constructor() {
 *     trackGauges(this);
 *   }
 * }
 */
export function trackGauges(instance: object): void {
  resettle(instance, undefined);
}

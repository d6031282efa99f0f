import { type AnyMethod, decorateMember, type TypedMethodDecorator } from '../calls/dialect.js';

/** A property, so that it goes along with the method where a decorator wraps it and copies its properties. */
const SKIPPED = Symbol.for('promark.skip');

/**
 * Leaves a method out of what `@Instrumented` does for its class. Put it above other decorators of the method.
 *
 * @example
 * @Instrumented()
 * class Shop {
 *   @Skip()
 *   health() {}
 * }
 */
export function Skip<This, V extends AnyMethod>(): TypedMethodDecorator<This, V> {
  return (...on: readonly unknown[]) =>
    decorateMember('Skip', ['method'], on, ({ body }) => {
      Object.defineProperty(body, SKIPPED, { value: true, configurable: true, enumerable: false });
      return body;
    }) as undefined;
}

/** Whether a method was left out by `@Skip`. */
export function isSkipped(method: object): boolean {
  return (method as { readonly [SKIPPED]?: unknown })[SKIPPED] === true;
}

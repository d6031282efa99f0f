import { endingOf } from './ending.js';
import { release, shadow, wait } from './pending.js';
import type { Watch } from './watch.js';

type Then = (fulfilled?: unknown, rejected?: unknown, ...more: unknown[]) => unknown;

/**
 * Follows a thenable that is no plain promise, such as a database query. Its `then` may be what starts the work, so it
 * is never called from here: the clock starts when a consumer calls it, and one call of the method is one record,
 * however often its result is awaited. The object stays the one that the method returned.
 */
export function followThenable<T extends PromiseLike<unknown>>(thenable: T, watch: Watch): T {
  const watches = wait(thenable, watch);
  if (watches === undefined) {
    watch.pause();
    return thenable;
  }
  const original = thenable.then as unknown as Then;
  let restore = (): void => {};
  function then(this: unknown, fulfilled?: unknown, rejected?: unknown, ...more: unknown[]): unknown {
    release(thenable);
    restore();
    for (const one of watches as readonly Watch[]) one.resume();
    const onFulfilled = (value: unknown): unknown => {
      for (const one of watches as readonly Watch[]) one.end('ok', value);
      return typeof fulfilled === 'function' ? fulfilled(value) : value;
    };
    const onRejected = (error: unknown): unknown => {
      for (const one of watches as readonly Watch[]) one.end(endingOf(error), error);
      if (typeof rejected === 'function') return rejected(error);
      throw error;
    };
    return Reflect.apply(original, this, [onFulfilled, onRejected, ...more]);
  }
  try {
    restore = shadow(thenable, { then });
    watch.pause();
  } catch {
    // A frozen object: all that can be said is that the body has returned it.
    release(thenable);
    watch.end('ok', thenable);
  }
  return thenable;
}

import { endingOf, type Watch } from './ending.js';

/**
 * Follows a promise whose work is under way. For a plain promise, the derived promise is returned, so that an unhandled
 * rejection is reported exactly once. A promise of a subclass or with own properties is observed and itself returned,
 * because callers may depend on its identity.
 */
export function followPromise(promise: Promise<unknown>, watch: Watch): Promise<unknown> {
  const fulfilled = (value: unknown): unknown => {
    watch.end('ok', value);
    return value;
  };
  const rejected = (error: unknown): never => {
    watch.end(endingOf(error), error);
    throw error;
  };
  if (isPlainPromise(promise) || isForeignPlain(promise)) return promise.then(fulfilled, rejected);
  promise.then(fulfilled, (error: unknown) => watch.end(endingOf(error), error));
  return promise;
}

/** Whether a promise is of a subclass that overrides `then`: its work may start only there (p-lazy, Postgres.js). */
export function isLazyPromise(promise: Promise<unknown>): boolean {
  return promise instanceof Promise && promise.then !== Promise.prototype.then;
}

/**
 * Whether a value is a direct instance of Promise without properties of its own. Symbols do not count: while
 * AsyncLocalStorage or an APM agent is active, Node puts its own on every promise.
 */
export function isPlainPromise(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (Object.getPrototypeOf(value) !== Promise.prototype) return false;
    // Unlike Object.keys(), this allocates nothing if there are none.
    for (const key in value) if (Object.hasOwn(value, key)) return false;
    return true;
  } catch {
    return false;
  }
}

/** The same for another realm, whose Promise.prototype inherits from an Object.prototype that inherits from nothing. */
function isForeignPlain(promise: Promise<unknown>): boolean {
  const prototype: object = Object.getPrototypeOf(promise);
  if (promise instanceof Promise || Object.getPrototypeOf(Object.getPrototypeOf(prototype)) !== null) return false;
  return Object.keys(promise).length === 0;
}

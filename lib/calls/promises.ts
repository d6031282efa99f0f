import { endingOf } from './ending.js';
import { followThenable } from './thenables.js';
import type { Watch } from './watch.js';

/**
 * Follows a native promise. A plain one is answered with the promise derived from it, so that a rejection that nobody
 * handles is reported exactly once. Where the promise itself matters, because it is of a subclass or carries
 * properties, it is observed and stays what it is.
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
  // A subclass with a `then` of its own may do its work only there (p-lazy): it is treated as other thenables are.
  if (promise.then !== Promise.prototype.then && promise instanceof Promise) return followThenable(promise, watch);
  promise.then(fulfilled, (error: unknown) => watch.end(endingOf(error), error));
  return promise;
}

/**
 * A direct instance of Promise without properties of its own. Symbols do not count: while AsyncLocalStorage or an APM
 * agent is active, Node puts its own on every promise.
 */
export function isPlainPromise(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (Object.getPrototypeOf(value) !== Promise.prototype) return false;
    // Unlike a list of the keys, this costs nothing where there are none.
    for (const key in value) if (Object.hasOwn(value, key)) return false;
    return true;
  } catch {
    return false;
  }
}

/** The same, of another realm: what Promise.prototype inherits from there inherits from nothing. */
function isForeignPlain(promise: Promise<unknown>): boolean {
  const prototype: object = Object.getPrototypeOf(promise);
  if (promise instanceof Promise || Object.getPrototypeOf(Object.getPrototypeOf(prototype)) !== null) return false;
  return Object.keys(promise).length === 0;
}

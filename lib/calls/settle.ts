import { types } from 'node:util';
import { type Ending, endingOf, type Watch } from './ending.js';
import { followThenable } from './lazy.js';

/** Called once when a call has ended, however it ended. */
export type Settled = (failed: boolean, error?: unknown) => void;

/**
 * Calls `body`, and calls `settled` when it has ended: immediately for a plain result or a throw, at settlement for a
 * native promise. Returns the result unchanged, except that a plain promise is replaced by the derived one, so that an
 * unhandled rejection is reported once and not twice.
 */
export function settle<R>(body: () => R, settled: Settled): R {
  let result: R;
  try {
    result = body();
  } catch (error) {
    settled(true, error);
    throw error;
  }
  if (types.isPromise(result)) return followPromise(result, new SettleWatch(settled)) as R;
  settled(false);
  return result;
}

class SettleWatch implements Watch {
  constructor(private readonly settled: Settled) {}

  pause(): void {}
  resume(): void {}

  end(ending: Ending, outcome: unknown): void {
    // A promise is cancelled only by its rejection.
    this.settled(ending !== 'ok', ending === 'ok' ? undefined : outcome);
  }

  again(): Watch {
    return this;
  }
}

/**
 * Follows a native promise. For a plain one the derived promise is returned, so that an unhandled rejection is reported
 * exactly once. A promise of a subclass or with properties of its own is observed and returned itself, because callers
 * may depend on its identity.
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
  // A subclass that overrides `then` may start its work only there (p-lazy): treat it like any other thenable.
  if (promise.then !== Promise.prototype.then && promise instanceof Promise) return followThenable(promise, watch);
  promise.then(fulfilled, (error: unknown) => watch.end(endingOf(error), error));
  return promise;
}

/**
 * Whether a value is a direct instance of Promise without properties of its own. Symbols do not count: while
 * AsyncLocalStorage or an APM agent is active, Node puts its own on every promise.
 */
export function isPlainPromise(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (Object.getPrototypeOf(value) !== Promise.prototype) return false;
    // Unlike Object.keys(), this allocates nothing where there are none.
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

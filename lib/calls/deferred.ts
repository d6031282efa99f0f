import { ConfigError, show } from '../model/errors.js';
import { types } from '../model/load-at-runtime.js';
import { processWide } from '../model/process-wide.js';
import type { Watch } from './ending.js';
import { followIterator, isIterator } from './iterators.js';
import { followPromise, isLazyPromise } from './promises.js';
import { followThenable } from './thenables.js';

/** A kind of return value whose work continues after the method has returned, such as an Observable. */
export interface DeferredKind {
  /**
   * Whether a value is of this kind. Called for every object that an instrumented method returns, so it must be cheap and
   * must not throw.
   */
  matches(value: object): boolean;
  /**
   * Reports the work behind `value` to `watch`, and returns what the caller gets instead of `value`. Lazy work is paused
   * first and resumed when it starts; each further consumption gets its own watch from `newRun()`.
   */
  follow(value: object, watch: Watch): unknown;
}

const kinds = processWide<DeferredKind[]>('deferred-kinds.v1', () => []);

/**
 * Adds a kind of return value for all instrumented methods. Promises, thenables and generators are built in;
 * `promark/nest` adds Observables. Returns a function that removes the kind again.
 */
export function addDeferredKind(kind: DeferredKind): () => void {
  if (typeof kind?.matches !== 'function' || typeof kind.follow !== 'function') {
    throw new ConfigError(`addDeferredKind() takes an object with the methods matches and follow, got ${show(kind)}.`);
  }
  kinds.push(kind);
  return () => {
    const at = kinds.indexOf(kind);
    if (at >= 0) kinds.splice(at, 1);
  };
}

/** Whether the work behind a method's result may continue after the method has returned. */
export function isDeferred(result: unknown): result is object {
  if (typeof result !== 'object' || result === null) return false;
  try {
    if (result instanceof Promise) return true;
    const { then } = result as { readonly then?: unknown };
    return typeof then === 'function' || isIterator(result) || kindOf(result) !== undefined;
  } catch {
    // A getter or a proxy that throws: treat it as a plain value.
    return false;
  }
}

/** Reports the work behind a deferred result to `watch`; returns what the caller gets. */
export function follow(result: object, watch: Watch): unknown {
  if (result instanceof Promise && !isLazyPromise(result)) return followPromise(result, watch);
  const kind = kindOf(result);
  if (kind !== undefined) return kind.follow(result, watch);
  // Promises of another realm, such as those of Node's own modules under Jest, are not instances of this one's.
  if (types.isPromise(result) && !isLazyPromise(result)) return followPromise(result, watch);
  return isIterator(result) ? followIterator(result, watch) : followThenable(result as PromiseLike<unknown>, watch);
}

function kindOf(value: object): DeferredKind | undefined {
  for (const kind of kinds) if (kind.matches(value)) return kind;
  return undefined;
}

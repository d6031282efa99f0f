import { types } from 'node:util';
import { followIterator, isIterator } from './iterators.js';
import { followPromise } from './promises.js';
import { followThenable } from './thenables.js';
import type { Watch } from './watch.js';

/** A kind of return value whose work goes on after the method has returned, such as an Observable. */
export interface DeferredKind {
  /** Whether a value is of this kind. Asked for every object that a marked method returns: cheap, and never throwing. */
  matches(value: object): boolean;
  /**
   * Arranges that `watch` is told of the work, and returns what the caller gets in place of the value. Lazy work is
   * paused first and resumed when it begins; each further consumption gets a watch of its own from `again()`.
   */
  follow(value: object, watch: Watch): unknown;
}

const kinds: DeferredKind[] = [];

/**
 * Teaches all marked methods about a kind of return value. Promises, thenables and generators are known; Observables
 * are taught by `promark/nest`. Returns a function that takes the kind back.
 */
export function addDeferredKind(kind: DeferredKind): () => void {
  kinds.push(kind);
  return () => {
    const at = kinds.indexOf(kind);
    if (at >= 0) kinds.splice(at, 1);
  };
}

/** Whether the work behind a method's result may go on after the method has returned. */
export function isDeferred(result: unknown): result is object {
  if (typeof result !== 'object' || result === null) return false;
  try {
    if (result instanceof Promise) return true;
    const { then } = result as { readonly then?: unknown };
    return typeof then === 'function' || isIterator(result) || kindOf(result) !== undefined;
  } catch {
    // A getter or a proxy that throws: a plain value, as far as we may know.
    return false;
  }
}

/** Lets `watch` follow a deferred result; returns what the caller gets. */
export function follow(result: object, watch: Watch): unknown {
  if (result instanceof Promise) return followPromise(result, watch);
  const kind = kindOf(result);
  if (kind !== undefined) return kind.follow(result, watch);
  // Promises of another realm, such as those of Node's own modules under Jest, are no instances of this one's.
  if (types.isPromise(result)) return followPromise(result, watch);
  return isIterator(result) ? followIterator(result, watch) : followThenable(result as PromiseLike<unknown>, watch);
}

function kindOf(value: object): DeferredKind | undefined {
  for (const kind of kinds) if (kind.matches(value)) return kind;
  return undefined;
}

import { types } from '../model/load-at-runtime.js';

/**
 * How a call ended. `cancelled` is neither success nor failure: the consumer abandoned the work with an AbortError, an
 * early `return()` of an iterator or by unsubscribing.
 */
export type Ending = 'ok' | 'error' | 'cancelled';

/**
 * Follows one call whose work continues after the body has returned. `end` is called at most once; before it, `pause` and
 * `resume` may alternate.
 */
export interface Watch {
  /** The body has returned, but its work has not started: a generator, a lazy thenable, a stream. */
  pause(): void;
  /** The work starts now. */
  resume(): void;
  /** The work has ended. `outcome` is its result or its error, or undefined if a consumer abandoned it. */
  end(ending: Ending, outcome: unknown): void;
  /** Returns a paused watch for another run of the same work, for values that can be consumed several times. */
  newRun(): Watch;
}

/** How a call that threw `error`, or was rejected with it, has ended. */
export function endingOf(error: unknown): Ending {
  return nameOf(error) === 'AbortError' ? 'cancelled' : 'error';
}

/** The value of an `exception` label: the error's name, or `non_error` for anything that is not an Error. */
export function exceptionName(error: unknown): string {
  return nameOf(error) ?? 'non_error';
}

/** The name of an Error of any realm; undefined for anything else. Never throws, even if a getter does. */
function nameOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    if (!(error instanceof Error) && !types.isNativeError(error) && !isDomException(error)) return undefined;
    const { name } = error as { readonly name: unknown };
    return typeof name === 'string' && name !== '' ? name : 'Error';
  } catch {
    return 'Error';
  }
}

/** AbortSignals reject with a DOMException. One of another realm is neither an instance of Error nor a native error. */
function isDomException(error: object): boolean {
  return Object.prototype.toString.call(error) === '[object DOMException]';
}

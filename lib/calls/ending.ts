import { types } from 'node:util';

/**
 * How a call ended. `cancelled` is neither success nor failure: the work was broken off by whoever wanted it, as an
 * AbortError, an iterator's early `return()` or an unsubscribed stream say.
 */
export type Ending = 'ok' | 'error' | 'cancelled';

/** How a call ended that threw or was rejected. */
export function endingOf(error: unknown): Ending {
  return nameOf(error) === 'AbortError' ? 'cancelled' : 'error';
}

/** What stands in an `exception` label: the error's name, or `non_error` for what is no Error. */
export function exceptionName(error: unknown): string {
  return nameOf(error) ?? 'non_error';
}

/** The name of an Error, of whatever realm; `undefined` for anything else. A getter that throws is no reason to. */
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

/** What an AbortSignal gives; of another realm it is neither an instance of Error nor a native error. */
function isDomException(error: object): boolean {
  return Object.prototype.toString.call(error) === '[object DOMException]';
}

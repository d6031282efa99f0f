import { builtin, types } from '../model/load-at-runtime.js';
import { endingOf, type Watch } from './ending.js';
import { followIterator, type IteratorMethods, isIterator } from './iterators.js';
import { followPromise } from './promises.js';
import { shadow } from './shadow.js';

// The values that methods of a lazy object return when they have started its work: promises, streams, cursors, async
// iterables.

/** Whether a value, other than a lazy object, represents work that is under way. */
export function isStarted(value: object): boolean {
  return types.isPromise(value) || isStream(value) || isIterator(value) || isAsyncIterable(value);
}

/** Reports the work behind a value for which `isStarted` holds to `watch`; returns the result for the caller. */
export function followStarted(value: object, watch: Watch): unknown {
  if (types.isPromise(value)) return followPromise(value, watch);
  if (isStream(value)) return followStream(value, watch);
  if (isIterator(value)) return followIterator(value, watch);
  return isAsyncIterable(value) ? followIterable(value, watch) : value;
}

/** A Node stream, and the cursors of databases that are streams as well. */
interface Stream {
  on(event: string | symbol, listener: (error: unknown) => void): unknown;
  pipe(target: unknown): unknown;
  readonly read?: unknown;
  readonly next?: unknown;
}

function isStream(value: object): value is Stream {
  const { on, pipe } = value as Partial<Stream>;
  return typeof on === 'function' && typeof pipe === 'function';
}

/** The methods that read a cursor to its end, in addition to `next`. */
const DRAINING = ['eachAsync', 'forEach', 'toArray'];

/**
 * Listens for the end of a stream, without starting it and without handling errors that would otherwise be unhandled.
 */
function followStream<S extends Stream>(stream: S, watch: Watch): S {
  stream.on(builtin('node:events').errorMonitor, (error) => watch.end(endingOf(error), error));
  stream.on(typeof stream.read === 'function' ? 'end' : 'finish', () => watch.end('ok', undefined));
  stream.on('close', () => watch.end('cancelled', undefined));
  if (typeof stream.next === 'function') followCursor(stream, watch);
  return stream;
}

function followCursor(cursor: Stream, watch: Watch): void {
  const methods = new Map<string, unknown>();
  for (const name of ['next', ...DRAINING]) {
    const original = (cursor as unknown as Record<string, unknown>)[name];
    if (typeof original !== 'function') continue;
    methods.set(name, function (this: unknown, ...args: unknown[]): unknown {
      const result: unknown = Reflect.apply(original, this, args);
      if (!types.isPromise(result)) return result;
      return result.then(
        (value: unknown) => {
          if (name !== 'next' || isDone(value)) watch.end('ok', undefined);
          return value;
        },
        (error: unknown) => {
          watch.end(endingOf(error), error);
          throw error;
        },
      );
    });
  }
  shadow(cursor, methods);
}

/** Whether a cursor's `next` has reached the end: null, undefined or an iterator result that is done. */
function isDone(value: unknown): boolean {
  return value === null || value === undefined || (value as { readonly done?: unknown }).done === true;
}

interface AsyncIterableObject {
  [Symbol.asyncIterator](): IteratorMethods;
}

function isAsyncIterable(value: object): value is AsyncIterableObject {
  return typeof (value as Partial<AsyncIterableObject>)[Symbol.asyncIterator] === 'function';
}

/** Follows the first iteration. */
function followIterable(iterable: AsyncIterableObject, watch: Watch): object {
  const original = iterable[Symbol.asyncIterator];
  const iterate = function (this: unknown): unknown {
    restore();
    return followIterator(Reflect.apply(original, this, []) as IteratorMethods, watch);
  };
  const restore = shadow(iterable, new Map([[Symbol.asyncIterator, iterate]]));
  watch.pause();
  return iterable;
}

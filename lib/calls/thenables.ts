import { types } from '../model/load-at-runtime.js';
import type { AnyMethod } from './dialect.js';
import { endingOf, type Watch } from './ending.js';
import { addPending, beginPending, isPending, pendingCalls, type StartedCalls } from './pending-calls.js';
import { isLazyPromise } from './promises.js';
import { shadow } from './shadow.js';
import { followStarted, isStarted } from './started.js';

// Lazy thenables: database queries, requests of an HTTP client. Callers get the same object that the method returned.
// Until its work starts, the object has an own `then`, which shadows the original, and a new prototype, inherited from
// the original one, whose methods shadow all others.

/**
 * Follows a thenable that is not a plain promise, such as a database query. Any of its methods may start the work, so
 * none is called here. The clock starts when a consumer starts the work, and a call is recorded once, even if its
 * result is awaited several times.
 */
export function followThenable<T extends PromiseLike<unknown>>(thenable: T, watch: Watch): T {
  try {
    addPending(thenable, [{ watch, begun: false }], () => watchMethods(thenable));
    watch.pause();
  } catch {
    // A frozen object cannot be followed: the call ends with the body.
    watch.end('ok', thenable);
  }
  return thenable;
}

function isLazy(value: object): value is PromiseLike<unknown> {
  if (typeof (value as Partial<PromiseLike<unknown>>).then !== 'function') return false;
  return !types.isPromise(value) || isLazyPromise(value);
}

/** Watches all methods of a lazy object; returns a function that stops that. Throws if the object cannot be changed. */
function watchMethods(object: PromiseLike<unknown>): () => void {
  const prototype = Object.getPrototypeOf(object) as object | null;
  const methods = new Map<PropertyKey, unknown>();
  // An object without a class has own methods. Of other objects, functions among the properties may also be callbacks
  // or classes.
  const isLiteral = prototype === null || Object.getPrototypeOf(prototype) === null;
  for (const key of isLiteral ? Reflect.ownKeys(object) : KNOWN) {
    const own = Object.getOwnPropertyDescriptor(object, key);
    if (own === undefined || !('value' in own) || !own.configurable || isUnwatched(key)) continue;
    const method: unknown = Reflect.get(object, key);
    if (isMethod(method))
      methods.set(
        key,
        watchedMethod(key, () => method, object),
      );
  }
  methods.set('then', watchedThen(object));
  const unshadow = shadow(object, methods);
  if (isLiteral) return unshadow;
  const watched = watchedPrototype(prototype);
  // If a proxy or the object refuses the prototype, at least `then` is watched.
  Reflect.setPrototypeOf(object, watched);
  return () => {
    unshadow();
    if (Object.getPrototypeOf(object) === watched) Reflect.setPrototypeOf(object, prototype);
  };
}

type Then = (this: unknown, fulfilled?: unknown, rejected?: unknown, ...more: unknown[]) => unknown;

/** The one method that reveals the outcome of the work, regardless of what its handlers return. */
function watchedThen(thenable: PromiseLike<unknown>): Then {
  const original = thenable.then as unknown as Then;
  return function then(fulfilled?: unknown, rejected?: unknown, ...more: unknown[]): unknown {
    const work = beginPending(thenable);
    if (work === undefined) return Reflect.apply(original, this, [fulfilled, rejected, ...more]);
    const onFulfilled = (value: unknown): unknown => {
      work.end('ok', value);
      return typeof fulfilled === 'function' ? fulfilled(value) : value;
    };
    const onRejected = (error: unknown): unknown => {
      work.end(endingOf(error), error);
      if (typeof rejected === 'function') return rejected(error);
      throw error;
    };
    return endIfThrown(work, () => Reflect.apply(original, this, [onFulfilled, onRejected, ...more]));
  };
}

/** The shadowing prototypes, by the original ones. */
const watchedPrototypes = new WeakMap<object, object>();

function watchedPrototype(prototype: object): object {
  let watched = watchedPrototypes.get(prototype);
  if (watched !== undefined) return watched;
  watched = Object.create(prototype) as object;
  let at: object | null = prototype;
  // Up to Object.prototype, of this realm or another.
  while (at !== null && Object.getPrototypeOf(at) !== null) {
    for (const key of Reflect.ownKeys(at)) {
      const { value, enumerable } = Object.getOwnPropertyDescriptor(at, key) as PropertyDescriptor;
      if (Object.hasOwn(watched, key) || isUnwatched(key) || !isMethod(value)) continue;
      // Looked up at each call, because a test or a tracer may replace methods of the prototype.
      const method = mimic(
        watchedMethod(key, (self) => Reflect.get(prototype, key, self) as AnyMethod),
        value,
      );
      Object.defineProperty(watched, key, { value: method, configurable: true, enumerable, writable: true });
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
  watchedPrototypes.set(prototype, watched);
  return watched;
}

const UNWATCHED = new Set<PropertyKey>(['constructor', 'then', Symbol.asyncDispose, Symbol.dispose]);

/** Whether consumers never start the work with this method. */
function isUnwatched(key: PropertyKey): boolean {
  return UNWATCHED.has(key) || (typeof key === 'string' && key.startsWith('_'));
}

/** Whether a value is a function but not a class. */
function isMethod(value: unknown): value is AnyMethod {
  if (typeof value !== 'function') return false;
  const prototype = Object.getOwnPropertyDescriptor(value, 'prototype');
  if (prototype === undefined || types.isGeneratorFunction(value)) return true;
  return prototype.writable === true && Object.keys(prototype.value as object).length === 0;
}

/** Methods that start the work when called, so that the clock starts before the call. */
const STARTS = new Set<PropertyKey>(
  'exec execute run end asCallback nodeify stream cursor iterate pipe requestTransaction'.split(' '),
);

/** The same if called without arguments: with arguments, they do something else (`request.get('Accept')`). */
const STARTS_WITHOUT_ARGUMENTS = new Set<PropertyKey>(['all', 'get', 'values', 'sync']);

/** The methods that are watched if they are own properties. */
const KNOWN: readonly PropertyKey[] = [...STARTS, ...STARTS_WITHOUT_ARGUMENTS];

/** Methods that may take a callback, `(error, result) => …`, as the last argument. */
const TAKE_CALLBACK = new Set<PropertyKey>(['exec', 'execute', 'run', 'end', 'asCallback', 'nodeify']);

function watchedMethod(key: PropertyKey, find: (self: unknown) => AnyMethod, owner?: object): AnyMethod {
  return {
    watched(this: unknown, ...args: unknown[]): unknown {
      const original = find(this);
      const object = owner ?? this;
      if (typeof object !== 'object' || object === null || !isPending(object)) {
        return Reflect.apply(original, this, args);
      }
      if (STARTS.has(key) || (args.length === 0 && STARTS_WITHOUT_ARGUMENTS.has(key))) {
        return callStart(object, original, this, args, TAKE_CALLBACK.has(key));
      }
      return callUnknown(object, original, this, args, key === 'catch');
    },
  }.watched;
}

/** Calls a method that is known to start the work. */
function callStart(
  object: object,
  original: AnyMethod,
  self: unknown,
  args: readonly unknown[],
  takesCallback: boolean,
): unknown {
  const work = beginPending(object);
  if (work === undefined) return Reflect.apply(original, self, args);
  const last = args.at(-1);
  const callback = takesCallback && typeof last === 'function' ? (last as AnyMethod) : undefined;
  const watchedArgs = callback === undefined ? args : [...args.slice(0, -1), watchedCallback(callback, work)];
  const result: unknown = endIfThrown(work, () => Reflect.apply(original, self, watchedArgs));
  return followOrEnd(work, result, () => {
    const isObject = typeof result === 'object' && result !== null;
    if (isObject && result !== object && isLazy(result)) return deferTo(work, result);
    if (isObject && isStarted(result) && !isLazy(result)) return followStarted(result, work);
    // With a callback, the returned object cannot be followed; it may be the request itself.
    if (callback !== undefined) return result;
    if (result === object) return deferTo(work, object as PromiseLike<unknown>);
    work.end('ok', result);
    return result;
  });
}

/** The objects on which a method not known to start the work is being called. */
const inCall = new WeakSet<object>();

/**
 * Calls any other method. It has started the work if it returns a promise, stream, cursor or iterable. Nested calls on
 * the same object do not count.
 */
function callUnknown(
  object: object,
  original: AnyMethod,
  self: unknown,
  args: readonly unknown[],
  isCatch: boolean,
): unknown {
  if (inCall.has(object)) return Reflect.apply(original, self, args);
  let work: StartedCalls | undefined;
  const [handler, ...rest] = args;
  const watchedArgs = [
    (error: unknown): unknown => {
      work?.end(endingOf(error), error);
      return Reflect.apply(handler as AnyMethod, undefined, [error]);
    },
    ...rest,
  ];
  inCall.add(object);
  let result: unknown;
  try {
    result = Reflect.apply(original, self, isCatch && typeof handler === 'function' ? watchedArgs : args);
  } finally {
    inCall.delete(object);
  }
  if (typeof result !== 'object' || result === null || result === object) return result;
  try {
    if (isLazy(result)) addPending(result, pendingCalls(object), () => watchMethods(result as PromiseLike<unknown>));
    else if (isStarted(result)) work = beginPending(object);
  } catch {
    // A result that cannot be inspected is taken for a step of a builder.
  }
  return work === undefined ? result : followOrEnd(work, result, () => followStarted(result as object, work as Watch));
}

/** Makes calls wait for another lazy object, because their work has not started after all. */
function deferTo(work: StartedCalls, lazy: PromiseLike<unknown>): unknown {
  work.pause();
  addPending(lazy, work.calls, () => watchMethods(lazy));
  return lazy;
}

function watchedCallback(callback: AnyMethod, work: Watch): AnyMethod {
  const watched = function (this: unknown, ...args: unknown[]): unknown {
    const [error, result] = args;
    if (error === undefined || error === null) work.end('ok', result);
    else work.end(endingOf(error), error);
    return Reflect.apply(callback, this, args);
  };
  return mimic(watched, callback);
}

/** Calls `start`; if it throws, the work has ended. */
function endIfThrown<R>(work: Watch, start: () => R): R {
  try {
    return start();
  } catch (error) {
    work.end(endingOf(error), error);
    throw error;
  }
}

/** Follows a result of any kind; if that fails, the work has ended. */
function followOrEnd(work: Watch, result: unknown, follow: () => unknown): unknown {
  try {
    return follow();
  } catch {
    work.end('ok', result);
    return result;
  }
}

/** Sets the name and length of a function to those of the one that it replaces. */
function mimic(watched: AnyMethod, original: AnyMethod): AnyMethod {
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(watched, key, { value: original[key], configurable: true });
  }
  return watched;
}

import { type Ending, endingOf, type Watch } from './ending.js';

// Lazy results: thenables and iterators whose work starts when their consumer starts it. The objects stay the ones that
// the method returned; their methods are shadowed until the work has started or ended.

/** The watches that wait for the work of an object to start. */
const waiting = new WeakMap<object, Watch[]>();

/**
 * Makes a watch wait for an object's work. Returns the list of waiting watches if this is the first, so that the caller
 * shadows the object's methods once, however often the object is returned; otherwise undefined.
 */
function wait(object: object, watch: Watch): readonly Watch[] | undefined {
  const watches = waiting.get(object);
  if (watches !== undefined) {
    watches.push(watch);
    return undefined;
  }
  const first = [watch];
  waiting.set(object, first);
  return first;
}

/** Puts non-enumerable methods on an object; returns a function that removes them. */
function shadow(object: object, methods: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(methods).map((name) => [name, Object.getOwnPropertyDescriptor(object, name)] as const);
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(object, name, { value, configurable: true, enumerable: false, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(object, name);
      else Object.defineProperty(object, name, descriptor);
    }
  };
}

type Then = (fulfilled?: unknown, rejected?: unknown, ...more: unknown[]) => unknown;

/**
 * Follows a thenable that is not a plain promise, such as a database query. Its `then` may be what starts the work, so it
 * is never called from here: the clock starts when a consumer calls it, and one call of the method is recorded once,
 * however often its result is awaited.
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
    waiting.delete(thenable);
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
    // A frozen object: nothing is known but that the body has returned it.
    waiting.delete(thenable);
    watch.end('ok', thenable);
  }
  return thenable;
}

type Step = (...sent: unknown[]) => unknown;
type Steps = Readonly<Record<'next' | 'return' | 'throw', Step>>;

/** Whether a value is a generator or async generator: native, or compiled for an old engine. */
export function isIterator(value: object): value is Steps {
  const { next } = value as Partial<Steps>;
  if (typeof next !== 'function') return false;
  const { return: end, throw: fail } = value as Partial<Steps>;
  return (
    typeof end === 'function' &&
    typeof fail === 'function' &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}

/**
 * Follows a sync or async generator from the first `next` to its end. Its `next`, `return` and `throw` are shadowed until
 * it has ended, and pass on what is sent, returned and thrown.
 */
export function followIterator<I extends Steps>(iterator: I, watch: Watch): I {
  const watches = wait(iterator, watch);
  if (watches === undefined) {
    watch.pause();
    return iterator;
  }
  const run = new IteratorRun(iterator, watches);
  const { next, return: finish, throw: fail } = iterator;
  try {
    run.restore = shadow(iterator, {
      next(...sent: unknown[]): unknown {
        run.begin();
        return run.step(next, this, sent, 'ok');
      },
      return(...sent: unknown[]): unknown {
        return run.step(finish, this, sent, 'cancelled');
      },
      throw(...sent: unknown[]): unknown {
        return run.step(fail, this, sent, 'ok');
      },
    });
    watch.pause();
  } catch {
    // A frozen object: nothing is known but that the body has returned it.
    waiting.delete(iterator);
    watch.end('ok', iterator);
  }
  return iterator;
}

/** The progress of one iterator. */
class IteratorRun {
  restore = (): void => {};
  private begun = false;
  private ended = false;

  constructor(
    private readonly iterator: object,
    private readonly watches: readonly Watch[],
  ) {}

  begin(): void {
    if (this.begun) return;
    this.begun = true;
    waiting.delete(this.iterator);
    for (const watch of this.watches) watch.resume();
  }

  /** Takes one step; `whenDone` is the call's ending if the iterator ends with it. */
  step(step: Step, self: unknown, sent: unknown[], whenDone: 'ok' | 'cancelled'): unknown {
    let stepped: unknown;
    try {
      stepped = Reflect.apply(step, self, sent);
    } catch (error) {
      this.end(endingOf(error), error);
      throw error;
    }
    if (!(stepped instanceof Promise)) return this.inspect(stepped, whenDone);
    return stepped.then(
      (result: unknown) => this.inspect(result, whenDone),
      (error: unknown) => {
        this.end(endingOf(error), error);
        throw error;
      },
    );
  }

  private inspect(result: unknown, whenDone: 'ok' | 'cancelled'): unknown {
    const { done, value } = result as IteratorResult<unknown>;
    if (done === true) this.end(whenDone, whenDone === 'ok' ? value : undefined);
    return result;
  }

  private end(ending: Ending, outcome: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.restore();
    // An iterator that ends before its first `next` has done no work.
    if (!this.begun) waiting.delete(this.iterator);
    else for (const watch of this.watches) watch.end(ending, outcome);
  }
}

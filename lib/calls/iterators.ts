import { types } from '../model/load-at-runtime.js';
import { type Ending, endingOf, type Watch } from './ending.js';
import { shadow } from './shadow.js';

/** The watches that wait for the first `next` of an iterator. */
const waiting = new WeakMap<object, Watch[]>();

type Step = (...sent: unknown[]) => unknown;

/** An iterator, sync or async. */
export interface IteratorMethods {
  readonly next: Step;
  readonly return?: Step;
  readonly throw?: Step;
}

/** Whether a value is a generator or async generator: native, or compiled for an old engine. */
export function isIterator(value: object): value is IteratorMethods {
  const { next } = value as Partial<IteratorMethods>;
  if (typeof next !== 'function') return false;
  const { return: end, throw: fail } = value as Partial<IteratorMethods>;
  return (
    typeof end === 'function' &&
    typeof fail === 'function' &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}

/**
 * Follows an iterator from the first `next` to its end. Until then, its `next`, `return` and `throw` are shadowed by
 * methods that pass arguments, results and errors through.
 */
export function followIterator<I extends IteratorMethods>(iterator: I, watch: Watch): I {
  const known = waiting.get(iterator);
  if (known !== undefined) {
    known.push(watch);
    watch.pause();
    return iterator;
  }
  const watches = [watch];
  const run = new IteratorRun(iterator, watches);
  const { next, return: finish, throw: fail } = iterator;
  const step = (original: Step, whenDone: 'ok' | 'cancelled'): Step =>
    function (this: unknown, ...sent) {
      if (original === next) run.begin();
      return run.step(original, this, sent, whenDone);
    };
  const steps = new Map([['next', step(next, 'ok')]]);
  if (finish !== undefined) steps.set('return', step(finish, 'cancelled'));
  if (fail !== undefined) steps.set('throw', step(fail, 'ok'));
  try {
    run.restore = shadow(iterator, steps);
    waiting.set(iterator, watches);
    watch.pause();
  } catch {
    // A frozen object cannot be followed: the call ends with the body.
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

  /** Takes one step; `whenDone` is the call's ending if the iterator is done after it. */
  step(step: Step, self: unknown, sent: unknown[], whenDone: 'ok' | 'cancelled'): unknown {
    let stepped: unknown;
    try {
      stepped = Reflect.apply(step, self, sent);
    } catch (error) {
      this.end(endingOf(error), error);
      throw error;
    }
    if (!types.isPromise(stepped)) return this.inspect(stepped, whenDone);
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

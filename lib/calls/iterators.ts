import { endingOf } from './ending.js';
import { release, shadow, wait } from './pending.js';
import type { Watch } from './watch.js';

type Step = (...sent: unknown[]) => unknown;
type Steps = Readonly<Record<'next' | 'return' | 'throw', Step>>;

/** Whether a value is a generator or async generator: native, or what a compiler makes of one for old engines. */
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
 * Follows a generator, sync or async, from the first `next` to its end. It stays the object that the method returned:
 * its `next`, `return` and `throw` are overlaid until it has ended, and pass on what is sent, returned and thrown.
 */
export function followIterator<I extends Steps>(iterator: I, watch: Watch): I {
  const watches = wait(iterator, watch);
  if (watches === undefined) {
    watch.pause();
    return iterator;
  }
  const state = new Progress(iterator, watches);
  const { next, return: finish, throw: fail } = iterator;
  try {
    state.restore = shadow(iterator, {
      next(...sent: unknown[]): unknown {
        state.begin();
        return state.step(next, this, sent, 'ok');
      },
      return(...sent: unknown[]): unknown {
        return state.step(finish, this, sent, 'cancelled');
      },
      throw(...sent: unknown[]): unknown {
        return state.step(fail, this, sent, 'ok');
      },
    });
    watch.pause();
  } catch {
    // A frozen object: all that can be said is that the body has returned it.
    release(iterator);
    watch.end('ok', iterator);
  }
  return iterator;
}

/** How far the work of one iterator has come. */
class Progress {
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
    release(this.iterator);
    for (const watch of this.watches) watch.resume();
  }

  /** Makes one step; `whenDone` says what it means when the iterator ends with it. */
  step(step: Step, self: unknown, sent: unknown[], whenDone: 'ok' | 'cancelled'): unknown {
    let stepped: unknown;
    try {
      stepped = Reflect.apply(step, self, sent);
    } catch (error) {
      this.end(endingOf(error), error);
      throw error;
    }
    if (!(stepped instanceof Promise)) return this.look(stepped, whenDone);
    return stepped.then(
      (result: unknown) => this.look(result, whenDone),
      (error: unknown) => {
        this.end(endingOf(error), error);
        throw error;
      },
    );
  }

  private look(result: unknown, whenDone: 'ok' | 'cancelled'): unknown {
    const { done, value } = result as IteratorResult<unknown>;
    if (done === true) this.end(whenDone, whenDone === 'ok' ? value : undefined);
    return result;
  }

  private end(ending: 'ok' | 'error' | 'cancelled', outcome: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.restore();
    // One that ends before its first `next` has done no work.
    if (!this.begun) release(this.iterator);
    else for (const watch of this.watches) watch.end(ending, outcome);
  }
}

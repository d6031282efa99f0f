import { types } from '../model/load-at-runtime.js';
import type { Ending, Watch } from './ending.js';
import { followPromise, isLazyPromise } from './promises.js';
import { followThenable } from './thenables.js';

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
  if (types.isPromise(result)) {
    const watch = new SettleWatch(settled);
    return (isLazyPromise(result) ? followThenable(result, watch) : followPromise(result, watch)) as R;
  }
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

  newRun(): Watch {
    return this;
  }
}

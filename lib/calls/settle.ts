import { types } from 'node:util';
import { followPromise } from './promises.js';
import type { Watch } from './watch.js';

/** Told once of how a call ended, whichever way it ended. */
export type Settled = (failed: boolean, error?: unknown) => void;

/**
 * Calls `body` and tells `settled` when it has ended: at once for a plain result or a throw, at settlement for a
 * native promise. The result is passed on as it is; for a plain promise, the derived one is returned, so that an
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
  if (types.isPromise(result)) return followPromise(result, new SettleWatch(settled)) as R;
  settled(false);
  return result;
}

class SettleWatch implements Watch {
  constructor(private readonly settled: Settled) {}

  pause(): void {}
  resume(): void {}

  end(ending: 'ok' | 'error' | 'cancelled', outcome: unknown): void {
    // A promise is only ever cancelled by its rejection.
    this.settled(ending !== 'ok', ending === 'ok' ? undefined : outcome);
  }

  again(): Watch {
    return this;
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { PushError } from '../../model/errors.js';
import { mayPass } from './push-faults.js';

const LONGEST_DELAY_MS = 30_000;

/** How long a push is tried. */
export interface Patience {
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Ends the retries: what failed then has failed. */
  readonly hurry?: AbortSignal | undefined;
}

/**
 * Tries until it succeeds, fails for good or has been tried often enough. The delay doubles each time; up to half of it
 * is left off at random, so that jobs that failed together do not come back together.
 */
export async function withRetries<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const { retries, retryDelayMs, signal, hurry } = patience;
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= retries || hurry?.aborted || !(error instanceof PushError) || !mayPass(error)) throw error;
      const delay = Math.min(retryDelayMs * 2 ** tried, LONGEST_DELAY_MS) * (1 - Math.random() / 2);
      await wait(delay, signal, hurry);
      if (hurry?.aborted) throw error;
    }
  }
}

/** Rejects with the signal's reason; returns early where there is a hurry. */
async function wait(delay: number, signal: AbortSignal | undefined, hurry: AbortSignal | undefined): Promise<void> {
  const either = [signal, hurry].filter((one) => one !== undefined);
  await pause(delay, undefined, { signal: AbortSignal.any(either) }).catch(() => {});
  signal?.throwIfAborted();
}

import { PushError } from '../../model/errors.js';
import { builtin } from '../../model/load-at-runtime.js';
import { mayPass } from './push-faults.js';

const LONGEST_DELAY_MS = 30_000;

/** When and how long to retry. */
export interface RetryPolicy {
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Ends the retries: a push that fails afterwards, or is waiting for its next attempt, fails for good. */
  readonly hurry?: AbortSignal | undefined;
  /** When the push must be done, on the clock of `performance.now()`. Default: no limit. */
  readonly deadline?: number | undefined;
}

/**
 * Retries until the push succeeds, fails permanently or has no retries left. The delay doubles each time; up to half of
 * it is subtracted at random, so that jobs that failed together do not retry together. The gateway's `Retry-After` is
 * honoured: a push that cannot wait that long fails immediately.
 */
export async function withRetries<T>(attempt: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const { retries, retryDelayMs, signal, hurry, deadline = Number.POSITIVE_INFINITY } = policy;
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= retries || hurry?.aborted || !(error instanceof PushError) || !mayPass(error)) throw error;
      const backoff = Math.min(retryDelayMs * 2 ** tried, LONGEST_DELAY_MS) * (1 - Math.random() / 2);
      const delay = Math.max(backoff, error.retryAfterMs ?? 0);
      if (delay > LONGEST_DELAY_MS || performance.now() + delay > deadline) throw error;
      await wait(delay, signal, hurry);
      if (hurry?.aborted) throw error;
    }
  }
}

/** Rejects with the signal's reason; resolves early when `hurry` is aborted. */
async function wait(delay: number, signal: AbortSignal | undefined, hurry: AbortSignal | undefined): Promise<void> {
  const either = [signal, hurry].filter((one) => one !== undefined);
  await builtin('node:timers/promises')
    .setTimeout(delay, undefined, { signal: AbortSignal.any(either) })
    .catch(() => {});
  signal?.throwIfAborted();
}

import { PushError } from '../../model/errors.js';
import { builtin } from '../../model/load-at-runtime.js';
import { isTransient } from './push-faults.js';
import { unlessAborted } from './time-limit.js';

const MAX_DELAY_MS = 30_000;

/** When and how long to retry. */
export interface RetryPolicy {
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Ends the retries: a push that fails afterwards, or is waiting for its next attempt, fails permanently. */
  readonly stopRetrying?: AbortSignal | undefined;
  /** When the push must be done, on the clock of `performance.now()`. Default: no limit. */
  readonly deadline?: number | undefined;
}

/**
 * Retries until the push succeeds, fails permanently or has no retries left. The delay doubles each time; up to half of
 * it is subtracted at random, so that jobs that failed together do not retry together. The gateway's `Retry-After` is
 * honored: a push that cannot wait that long fails immediately.
 */
export async function withRetries<T>(attempt: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const { retries, retryDelayMs, signal, stopRetrying, deadline = Number.POSITIVE_INFINITY } = policy;
  for (let retried = 0; ; retried++) {
    try {
      return await attempt();
    } catch (error) {
      if (retried >= retries || stopRetrying?.aborted || !(error instanceof PushError) || !isTransient(error))
        throw error;
      const backoff = Math.min(retryDelayMs * 2 ** retried, MAX_DELAY_MS) * (1 - Math.random() / 2);
      const delay = Math.max(backoff, error.retryAfterMs ?? 0);
      if (delay > MAX_DELAY_MS || performance.now() + delay > deadline) throw error;
      await wait(delay, signal, stopRetrying);
      if (stopRetrying?.aborted) throw error;
    }
  }
}

/** Rejects with the signal's reason; resolves early when `stopRetrying` is aborted. */
async function wait(
  delay: number,
  signal: AbortSignal | undefined,
  stopRetrying: AbortSignal | undefined,
): Promise<void> {
  const timer = new AbortController();
  const { setTimeout } = builtin('node:timers/promises');
  const elapsed = setTimeout(delay, undefined, { signal: timer.signal }).catch(() => {});
  try {
    await unlessAborted(
      unlessAborted(elapsed, stopRetrying).catch(() => {}),
      signal,
    );
  } finally {
    timer.abort();
  }
}

import { PromarkError } from '../../model/errors.js';
import { unlessAborted } from './unless-aborted.js';

/** How long something may take. */
export interface TimeLimit {
  readonly timeoutMs: number;
  /** Ends it earlier. */
  readonly signal?: AbortSignal | undefined;
  /** What has not come by then, such as `no answer`. */
  late(): string;
}

/** It took too long. */
export class TimeLimitError extends PromarkError {
  override name = 'TimeLimitError';
}

/**
 * Rejects with TimeLimitError when the work is not done in time, and with the signal's reason when that is aborted,
 * whatever the work does; it is told by a signal of its own.
 */
export async function withinTime<T>(limit: TimeLimit, work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const { timeoutMs, signal, late } = limit;
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  // Not `AbortSignal.any`: a signal that lives for long would keep a little of each push.
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  const timer = setTimeout(() => stop.abort(new TimeLimitError(`${late()} within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await unlessAborted(work(stop.signal), stop.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

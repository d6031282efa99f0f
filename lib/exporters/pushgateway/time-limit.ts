import { PromarkError } from '../../model/errors.js';

/** How long a task may take. */
export interface TimeLimit {
  readonly timeoutMs: number;
  /** Ends the task early. */
  readonly signal?: AbortSignal | undefined;
  /** Why the time limit is exceeded, for the message, such as `no response`. */
  reason(): string;
}

/** A task took too long. */
export class TimeLimitError extends PromarkError {
  override name = 'TimeLimitError';
}

/**
 * Rejects with TimeLimitError if the task is not done in time, and with the signal's reason if that is aborted,
 * whatever the task does; the task's own signal is aborted in both cases.
 */
export async function withTimeLimit<T>(limit: TimeLimit, task: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const { timeoutMs, signal, reason } = limit;
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  // Not `AbortSignal.any`: a long-lived signal would take up more memory with every push.
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  const timer = setTimeout(() => stop.abort(new TimeLimitError(`${reason()} within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await unlessAborted(task(stop.signal), stop.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Resolves like `task`, or rejects with the signal's reason as soon as it is aborted, without waiting for the task. */
export async function unlessAborted<T>(task: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return task;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
  try {
    return await Promise.race([aborted, task]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

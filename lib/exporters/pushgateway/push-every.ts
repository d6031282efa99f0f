import { beforeExit, signalsRule } from '../../model/before-exit.js';
import { PushError } from '../../model/errors.js';
import { checkOptions, type OptionRules, rule } from '../../model/options.js';
import { groupRules, type PushParameters } from './group-path.js';

/** What to push periodically, and how. */
export interface PushEveryParameters extends PushParameters {
  /** Whether to keep the group's other families, like `pushAdd`. Default: false. */
  readonly add?: boolean;
  /** Called with the error of each failed push. Errors that it throws are counted and logged. */
  readonly onError?: (error: unknown) => void;
  /**
   * Signals that trigger a last push. If a signal has no other listener, it ends the process afterwards, as it would
   * without this one. Default: SIGINT and SIGTERM.
   */
  readonly signals?: readonly NodeJS.Signals[];
  /**
   * Maximum time in milliseconds that stopping takes: the push in progress, and the last one with its retries.
   * Kubernetes waits 30 s for a process to end, Docker 10 s. Default: 5000.
   */
  readonly lastPushTimeoutMs?: number;
}

/** Validated parameters of a push loop, with defaults applied. */
export interface PushEverySettings {
  readonly add: boolean;
  readonly onError: ((error: unknown) => unknown) | undefined;
  readonly signals: readonly NodeJS.Signals[];
  readonly lastPushTimeoutMs: number;
  readonly group: PushParameters;
}

const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

const rules: OptionRules<PushEveryParameters> = {
  ...groupRules,
  add: rule.boolean,
  onError: rule.function,
  signals: signalsRule,
  lastPushTimeoutMs: rule.milliseconds,
};

/** Checks the parameters of `pushEvery` and applies the defaults. Throws ConfigError. */
export function checkPushEvery(parameters: PushEveryParameters = {}): PushEverySettings {
  checkOptions('pushEvery', parameters, rules);
  const { add = false, onError, signals = DEFAULT_SIGNALS, lastPushTimeoutMs = 5000, ...group } = parameters;
  return { add, onError, signals, lastPushTimeoutMs, group };
}

/** Limits on a push. */
export interface PushLimits {
  /** Aborts the push. */
  readonly signal: AbortSignal;
  /** Ends the retries, but not the current attempt. */
  readonly stopRetrying?: AbortSignal;
  /** When the push must be done, on the clock of `performance.now()`. */
  readonly deadline?: number;
}

interface LoopOptions {
  /** The gateway, for messages. */
  readonly gateway: string;
  readonly intervalMs: number;
  push(limits: PushLimits): Promise<unknown>;
  /** Reports a failed push. Never rejects. */
  onFailure(error: unknown): Promise<void>;
  readonly signals: readonly NodeJS.Signals[];
  readonly lastPushTimeoutMs: number;
  /** Ends the loop without a last push. */
  readonly signal: AbortSignal | undefined;
}

/** Pushes periodically until stopped. `await using` stops it at the end of the block. */
export class PushLoop implements AsyncDisposable {
  /** Ends the retries of the push in progress. */
  private readonly stopRetrying = new AbortController();
  /** Aborts the push in progress. */
  private readonly abort = new AbortController();
  private readonly cancelExitTask: () => void;
  /** Truly private: inspecting a timer shows everything it refers to. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> = Promise.resolve();
  private ended: Promise<void> | undefined;

  /** @internal Made by `pushEvery`. */
  constructor(private readonly options: LoopOptions) {
    const { signals, signal, onFailure } = options;
    this.cancelExitTask = beforeExit(signals, () => this.stop().catch(onFailure));
    signal?.addEventListener('abort', this.cancel);
    if (signal?.aborted) this.cancel();
    else this.schedule();
  }

  /**
   * Stops, waits for a push in progress and pushes one last time, all within `lastPushTimeoutMs`. Rejects with
   * PushError if that fails. Further calls have no effect.
   */
  stop(): Promise<void> {
    // Not cancelled earlier, so that a signal waits for the last push.
    this.ended ??= this.finish().finally(this.cancelExitTask);
    return this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private schedule(): void {
    this.#timer = setTimeout(() => {
      this.running = this.pushOnce();
    }, this.options.intervalMs).unref();
  }

  private async pushOnce(): Promise<void> {
    try {
      await this.options.push({ signal: this.abort.signal, stopRetrying: this.stopRetrying.signal });
    } catch (error) {
      if (!this.options.signal?.aborted) void this.options.onFailure(error);
    }
    if (this.ended === undefined) this.schedule();
  }

  private async finish(): Promise<void> {
    clearTimeout(this.#timer);
    const { lastPushTimeoutMs: limit, push, gateway, signal } = this.options;
    const deadline = performance.now() + limit;
    const lastPush = new AbortController();
    const abortCurrent = () =>
      this.abort.abort(
        new PushError(`The push to ${gateway} that was in progress did not end within another ${limit / 2} ms.`),
      );
    const abortLast = () =>
      lastPush.abort(new PushError(`The last push to ${gateway} did not end within ${limit} ms.`));
    // The last push gets at least half of the time.
    const timers = [setTimeout(abortCurrent, limit / 2), setTimeout(abortLast, limit)];
    const cancel = () => lastPush.abort(signal?.reason);
    signal?.addEventListener('abort', cancel);
    try {
      // An older push that is still in progress must not arrive after the last one.
      this.stopRetrying.abort();
      await this.running;
      await push({ signal: lastPush.signal, deadline });
    } finally {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      this.cleanUp();
    }
  }

  private readonly cancel = (): void => {
    this.abort.abort(this.options.signal?.reason);
    this.ended ??= Promise.resolve();
    this.cleanUp();
    this.cancelExitTask();
  };

  private cleanUp(): void {
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener('abort', this.cancel);
  }
}

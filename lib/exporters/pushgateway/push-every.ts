import { PushError } from '../../model/errors.js';
import { builtin } from '../../model/load-at-runtime.js';
import { checkOptions, type OptionRules, rule } from '../../model/options.js';
import { beforeEnd } from './before-end.js';
import { groupRules, type PushParameters } from './group-path.js';

/** What to push periodically, and how. */
export interface PushEveryParameters extends PushParameters {
  /** Whether to keep the group's other families, like `pushAdd`. Default: false. */
  readonly add?: boolean;
  /** Called with the error of every failed push. Errors that it throws are counted and logged. */
  readonly onError?: (error: unknown) => void;
  /**
   * Signals that trigger a last push. If a signal has no other listener, it ends the process afterwards, as it would
   * without this one. Default: SIGINT and SIGTERM.
   */
  readonly signals?: readonly NodeJS.Signals[];
  /**
   * Milliseconds that stopping may take in total: a push in progress, plus the last one with its retries. Kubernetes
   * waits 30 s for a process to end, Docker 10 s. Default: 5000.
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

// SIGKILL and SIGSTOP cannot be handled.
const isSignal = (name: string) =>
  Object.hasOwn(builtin('node:os').constants.signals, name) && name !== 'SIGKILL' && name !== 'SIGSTOP';

const rules: OptionRules<PushEveryParameters> = {
  ...groupRules,
  add: rule.boolean,
  onError: rule.function,
  signals: {
    expected: "a list of signals that a process can handle, such as ['SIGTERM']",
    accepts: (value) => Array.isArray(value) && value.every(isSignal),
  },
  lastPushTimeoutMs: rule.milliseconds,
};

/** Checks the parameters of `pushEvery` and applies the defaults. Throws ConfigError. */
export function checkPushEvery(given: PushEveryParameters = {}): PushEverySettings {
  checkOptions('pushEvery', given, rules);
  const { add = false, onError, signals = DEFAULT_SIGNALS, lastPushTimeoutMs = 5000, ...group } = given;
  return { add, onError, signals, lastPushTimeoutMs, group };
}

/** Limits on a push. */
export interface PushLimits {
  /** Aborts the push. */
  readonly signal: AbortSignal;
  /** Ends the retries. */
  readonly hurry?: AbortSignal;
  /** When the push must be done, on the clock of `performance.now()`. */
  readonly deadline?: number;
}

interface LoopPlan {
  /** The gateway, for messages. */
  readonly to: string;
  readonly intervalMs: number;
  push(limits: PushLimits): Promise<unknown>;
  /** Reports a failed push. Never rejects. */
  failed(error: unknown): Promise<void>;
  readonly signals: readonly NodeJS.Signals[];
  readonly lastPushTimeoutMs: number;
  /** Ends the loop without a last push. */
  readonly signal: AbortSignal | undefined;
}

/** Pushes periodically until stopped. `await using` stops it at the end of the block. */
export class PushLoop implements AsyncDisposable {
  /** Ends the retries of the push in progress. */
  private readonly hurry = new AbortController();
  /** Aborts the push in progress. */
  private readonly abort = new AbortController();
  private readonly forget: () => void;
  /** Truly private: inspecting a timer shows everything it refers to. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> = Promise.resolve();
  private ended: Promise<void> | undefined;

  /** @internal Made by `pushEvery`. */
  constructor(private readonly plan: LoopPlan) {
    this.forget = beforeEnd(plan.signals, () => this.stop().catch(plan.failed));
    plan.signal?.addEventListener('abort', this.cancel);
    if (plan.signal?.aborted) this.cancel();
    else this.schedule();
  }

  /**
   * Stops, waits for a push in progress and pushes one last time, all within `lastPushTimeoutMs`. Rejects with
   * PushError if that fails. Further calls have no effect.
   */
  stop(): Promise<void> {
    // Until then, a signal waits for the last push instead of making its own.
    this.ended ??= this.finish().finally(this.forget);
    return this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private schedule(): void {
    this.#timer = setTimeout(() => {
      this.running = this.pushOnce();
    }, this.plan.intervalMs).unref();
  }

  private async pushOnce(): Promise<void> {
    try {
      await this.plan.push({ signal: this.abort.signal, hurry: this.hurry.signal });
    } catch (error) {
      if (!this.plan.signal?.aborted) void this.plan.failed(error);
    }
    if (this.ended === undefined) this.schedule();
  }

  private async finish(): Promise<void> {
    clearTimeout(this.#timer);
    const { lastPushTimeoutMs: limit, push, to } = this.plan;
    const deadline = performance.now() + limit;
    const last = new AbortController();
    const giveUp = () =>
      this.abort.abort(
        new PushError(`The push to ${to} that was in progress did not end within another ${limit / 2} ms.`),
      );
    // The last push gets at least half of the time.
    const timers = [
      setTimeout(giveUp, limit / 2),
      setTimeout(() => last.abort(new PushError(`The last push to ${to} did not end within ${limit} ms.`)), limit),
    ];
    const cancelled = () => last.abort(this.plan.signal?.reason);
    this.plan.signal?.addEventListener('abort', cancelled);
    try {
      // An older push that is still in progress must not arrive after the last one.
      this.hurry.abort();
      await this.running;
      await push({ signal: last.signal, deadline });
    } finally {
      for (const timer of timers) clearTimeout(timer);
      this.plan.signal?.removeEventListener('abort', cancelled);
      this.release();
    }
  }

  private readonly cancel = (): void => {
    this.abort.abort(this.plan.signal?.reason);
    this.ended ??= Promise.resolve();
    this.release();
    this.forget();
  };

  private release(): void {
    clearTimeout(this.#timer);
    this.plan.signal?.removeEventListener('abort', this.cancel);
  }
}

import { constants } from 'node:os';
import { PushError } from '../../model/errors.js';
import { checkOptions, type OptionRules, rule } from '../../model/options.js';
import { beforeEnd } from './before-end.js';
import { groupRules, type PushParameters } from './group-path.js';

/** What is pushed again and again, and how. */
export interface PushEveryParameters extends PushParameters {
  /** Whether the group's other families are kept, as by `pushAdd`. Default: false. */
  readonly add?: boolean;
  /** Called with the error of every push that fails. An error that it throws is counted and logged. */
  readonly onError?: (error: unknown) => void;
  /**
   * The signals before which there is a last push. A signal that has no other listener ends the process afterwards, as it
   * would have without this one. Default: SIGINT and SIGTERM.
   */
  readonly signals?: readonly NodeJS.Signals[];
  /**
   * Milliseconds that stopping may take in all: a push under way, and the last one with its retries. Kubernetes waits 30 s
   * for a process to end, Docker 10 s. Default: 5000.
   */
  readonly lastPushTimeoutMs?: number;
}

/** How a loop pushes, with the defaults. */
export interface PushEverySettings {
  readonly add: boolean;
  readonly onError: ((error: unknown) => unknown) | undefined;
  readonly signals: readonly NodeJS.Signals[];
  readonly lastPushTimeoutMs: number;
  readonly group: PushParameters;
}

const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

// SIGKILL and SIGSTOP take effect whatever the process does.
const isSignal = (name: string) => Object.hasOwn(constants.signals, name) && name !== 'SIGKILL' && name !== 'SIGSTOP';

const rules: OptionRules<PushEveryParameters> = {
  ...groupRules,
  add: rule.boolean,
  onError: rule.function,
  signals: {
    expected: "a list of signals that a process can listen to, such as ['SIGTERM']",
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

/** What limits a push. */
export interface PushLimits {
  /** Aborts the push. */
  readonly signal: AbortSignal;
  /** Ends the retries. */
  readonly hurry?: AbortSignal;
  /** When the push has to be done, as `performance.now()` counts. */
  readonly deadline?: number;
}

interface LoopPlan {
  /** The gateway, for messages. */
  readonly to: string;
  readonly intervalMs: number;
  push(limits: PushLimits): Promise<unknown>;
  /** Reports a push that failed. Never rejects. */
  failed(error: unknown): Promise<void>;
  readonly signals: readonly NodeJS.Signals[];
  readonly lastPushTimeoutMs: number;
  /** Ends the loop without a last push. */
  readonly signal: AbortSignal | undefined;
}

/** Pushes that go on until they are stopped. `await using` stops them at the end of the block. */
export class PushLoop implements AsyncDisposable {
  /** Ends the retries of the push under way. */
  private readonly hurry = new AbortController();
  /** Aborts the push under way. */
  private readonly abort = new AbortController();
  private readonly forget: () => void;
  /** Truly private: a timer shows all that runs on timers to what inspects it. */
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
   * Stops, waits for a push under way and pushes a last time, all within `lastPushTimeoutMs`. Rejects with PushError where
   * that fails. Further calls have no effect.
   */
  stop(): Promise<void> {
    // Until then a signal waits for the last push, instead of making one.
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
    // The last push has at least half of the time.
    const timers = [
      setTimeout(giveUp, limit / 2),
      setTimeout(() => last.abort(new PushError(`The last push to ${to} did not end within ${limit} ms.`)), limit),
    ];
    const cancelled = () => last.abort(this.plan.signal?.reason);
    this.plan.signal?.addEventListener('abort', cancelled);
    try {
      // An older push that is still under way must not arrive after the last one.
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

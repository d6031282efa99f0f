import { beforeEnd } from './before-end.js';

interface LoopPlan {
  readonly intervalMs: number;
  /** Pushes once; what fails after `hurry` was aborted is not tried again. */
  push(hurry?: AbortSignal): Promise<unknown>;
  /** Is told of a push that failed. Never rejects. */
  failed(error: unknown): Promise<void>;
  readonly signals: readonly NodeJS.Signals[];
  /** Ends the loop without a last push. */
  readonly signal: AbortSignal | undefined;
}

/** Pushes that go on until they are stopped. `await using` stops them at the end of the block. */
export class PushLoop implements AsyncDisposable {
  private readonly hurry = new AbortController();
  private readonly forget: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
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
   * Stops, waits for a push under way and pushes a last time. Rejects with PushError where that fails. Calling it again
   * changes nothing.
   */
  stop(): Promise<void> {
    // Until then a signal waits for the last push, as it would have made it.
    this.ended ??= this.finish().finally(this.forget);
    return this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.pushOnce();
    }, this.plan.intervalMs).unref();
  }

  private async pushOnce(): Promise<void> {
    try {
      await this.plan.push(this.hurry.signal);
    } catch (error) {
      if (!this.plan.signal?.aborted) void this.plan.failed(error);
    }
    if (this.ended === undefined) this.schedule();
  }

  private async finish(): Promise<void> {
    this.release();
    // An older push that is still on its way must not arrive after the last one.
    this.hurry.abort();
    await this.running;
    await this.plan.push();
  }

  private readonly cancel = (): void => {
    this.ended ??= Promise.resolve();
    this.release();
    this.forget();
  };

  private release(): void {
    clearTimeout(this.timer);
    this.plan.signal?.removeEventListener('abort', this.cancel);
  }
}

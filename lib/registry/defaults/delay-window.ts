import * as hooks from 'node:perf_hooks';
import { runtime } from './runtime.js';

/**
 * Delays of the event loop over the last time, in seconds, which reading does not change.
 *
 * Two monitors run side by side. After every window the one that has watched longer begins anew, and the other, which
 * has watched for one window by then, is read. So a reading covers at least one window and at most two, a delay stays
 * to be seen for at least one window, and it is the same for everyone who asks.
 *
 * All values are undefined until something was measured.
 */
export class DelayWindow {
  readonly #timer: NodeJS.Timeout;
  #longer: hooks.IntervalHistogram;
  #shorter: hooks.IntervalHistogram;

  /** Starts the monitors, which sample every `precision` milliseconds; undefined where the runtime has none. */
  static open(precision: number, windowSeconds: number): DelayWindow | undefined {
    // Deno has the function, but a blocked loop does not show in what it measures.
    if (typeof hooks.monitorEventLoopDelay !== 'function' || runtime === 'deno') return undefined;
    try {
      return new DelayWindow(precision, windowSeconds);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_NOT_IMPLEMENTED') return undefined;
      throw error;
    }
  }

  private constructor(
    private readonly precision: number,
    windowSeconds: number,
  ) {
    this.#longer = hooks.monitorEventLoopDelay({ resolution: precision });
    this.#shorter = hooks.monitorEventLoopDelay({ resolution: precision });
    this.#longer.enable();
    this.#shorter.enable();
    this.#timer = setInterval(() => this.#rotate(), windowSeconds * 1000);
    this.#timer.unref();
  }

  get min(): number | undefined {
    return this.#delay((histogram) => histogram.min);
  }

  get max(): number | undefined {
    return this.#delay((histogram) => histogram.max);
  }

  get mean(): number | undefined {
    return this.#delay((histogram) => histogram.mean);
  }

  get stddev(): number | undefined {
    return this.#longer.count === 0 ? undefined : this.#longer.stddev / 1e9;
  }

  /** @param percentile Above 0, at most 100. */
  percentile(percentile: number): number | undefined {
    return this.#delay((histogram) => histogram.percentile(percentile));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#longer.disable();
    this.#shorter.disable();
  }

  #rotate(): void {
    this.#longer.reset();
    [this.#longer, this.#shorter] = [this.#shorter, this.#longer];
  }

  /** Node records the time from one sample to the next, in which a loop without any delay waits for `precision`. */
  #delay(read: (histogram: hooks.IntervalHistogram) => number): number | undefined {
    if (this.#longer.count === 0) return undefined;
    const planned = runtime === 'node' ? this.precision * 1e6 : 0;
    return Math.max(0, read(this.#longer) - planned) / 1e9;
  }
}

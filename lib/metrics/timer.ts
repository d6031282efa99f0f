import type { LabelSpec, Labels } from '../model/labels.js';

/**
 * A running clock: call it to stop it. It records and returns the seconds since it was started, once: later calls
 * return the same seconds and record nothing. `using timer = seconds.startTimer()` stops it at the end of the block.
 */
export interface Timer<L extends LabelSpec> extends Disposable {
  /** Stops the clock. The labels are added to those given at the start and win over them. */
  (labels?: Partial<Labels<L>>): number;
}

/** Starts a clock that goes only forward (`performance.now()`), and hands the seconds to `record` when it is stopped. */
export function startTimer<L extends LabelSpec>(
  record: (seconds: number, labels?: Partial<Labels<L>>) => void,
): Timer<L> {
  const start = performance.now();
  let seconds: number | undefined;
  const stop = (labels?: Partial<Labels<L>>): number => {
    if (seconds !== undefined) return seconds;
    seconds = (performance.now() - start) / 1000;
    record(seconds, labels);
    return seconds;
  };
  return Object.assign(stop, { [Symbol.dispose]: () => void stop() });
}

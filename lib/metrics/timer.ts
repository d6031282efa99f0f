import type { Faults } from '../model/faults.js';
import type { LabelSpec, SomeLabels } from '../model/labels.js';
import type { ExemplarLabels } from './exemplars.js';

/**
 * A running clock: call it to stop it. It records and returns the seconds since it was started, once: later calls
 * return the same seconds and record nothing. `using timer = seconds.startTimer()` stops it at the end of the block.
 */
export type Timer<L extends LabelSpec> = Disposable & Stops<L>['stop'];

/** A running clock of a histogram. */
export type HistogramTimer<L extends LabelSpec> = Disposable & Stops<L>['stopWithExemplar'];

/** As methods, since the compiler would not let the clock of one metric stand where that of any metric is expected otherwise. */
interface Stops<L extends LabelSpec> {
  /**
   * Stops the clock. The labels are added to those given at the start, or those of the child that started it, and win
   * over them. Throws LabelError for labels that are not the family's.
   */
  stop(labels?: SomeLabels<L>): number;
  /** Stops the clock. Both kinds of labels are added to those given at the start and win over them. */
  stopWithExemplar(labels?: SomeLabels<L>, exemplarLabels?: ExemplarLabels): number;
}

/** What a child asks of its family. */
export interface Siblings<C> {
  readonly name: string;
  readonly faults: Faults | undefined;
  readonly enableExemplars?: boolean;
  /** The child whose labels are those of another one with some put over them. */
  siblingOf(child: C, labels: object): C;
}

/** What the seconds of a timer are recorded on: a family or a child. */
export interface TimerTarget {
  /**
   * Records on the series of two label objects, of which the second wins; either or both may be missing.
   * @internal
   */
  recordSeconds(
    seconds: number,
    labels: object | undefined,
    more: object | undefined,
    exemplarLabels: ExemplarLabels | undefined,
  ): void;
}

/**
 * Starts a clock (`performance.now()`) and has the seconds recorded when it is stopped: with the exemplar labels that were
 * given or, if there are none, with the `active` ones.
 */
export function startTimer<L extends LabelSpec>(
  target: TimerTarget,
  labels?: object,
  exemplarLabels?: ExemplarLabels,
  active?: ExemplarLabels,
): HistogramTimer<L> {
  const start = performance.now();
  let seconds = -1;
  const stop = (more?: object, moreExemplarLabels?: ExemplarLabels): number => {
    if (seconds >= 0) return seconds;
    // A monotonic clock does not step back, but test suites replace it.
    seconds = Math.max(0, (performance.now() - start) / 1000);
    target.recordSeconds(seconds, labels, more, mergeExemplarLabels(exemplarLabels, moreExemplarLabels) ?? active);
    return seconds;
  };
  // An assignment takes a quarter of the time of Object.assign.
  const timer = stop as HistogramTimer<L>;
  timer[Symbol.dispose] = stop as () => void;
  return timer;
}

/** Merges the exemplar labels given when a timer was started with those given when it was stopped. */
function mergeExemplarLabels(
  first: ExemplarLabels | undefined,
  then: ExemplarLabels | undefined,
): ExemplarLabels | undefined {
  if (first === undefined) return then;
  return then === undefined ? first : { ...first, ...then };
}

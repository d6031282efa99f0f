import type { Faults } from '../model/faults.js';
import type { LabelSpec, SomeLabels } from '../model/labels.js';
import type { ExemplarLabels } from './exemplars.js';

/**
 * A running timer: call it to stop it. It records the seconds since its start and returns them. Further calls return
 * the same seconds and record nothing. `using timer = seconds.startTimer()` stops it at the end of the block.
 */
export type Timer<L extends LabelSpec> = Disposable & Stops<L>['stop'];

/** A running timer of a histogram. */
export type HistogramTimer<L extends LabelSpec> = Disposable & Stops<L>['stopWithExemplar'];

/**
 * Declared as methods, whose parameters are bivariant: the timer of one metric is then assignable to that of any
 * metric.
 */
interface Stops<L extends LabelSpec> {
  /**
   * Stops the timer. The labels are added to those given at the start, or those of the child that started it, and take
   * precedence. Throws LabelError for labels that are not the family's.
   */
  stop(labels?: SomeLabels<L>): number;
  /** Stops the timer. Both kinds of labels are added to those given at the start, and take precedence. */
  stopWithExemplar(labels?: SomeLabels<L>, exemplarLabels?: ExemplarLabels): number;
}

/** What a child needs from its family. */
export interface Siblings<C> {
  readonly name: string;
  readonly faults: Faults | undefined;
  readonly enableExemplars?: boolean;
  /** Returns the child whose labels are those of another child, with some replaced. */
  siblingOf(child: C, labels: object): C;
}

/** Records the seconds of a timer: a family or a child. */
export interface TimerTarget {
  /**
   * Records on the series with the labels of two objects, either of which may be missing; the second takes precedence.
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
 * Starts a timer (`performance.now()`). Stopping it records the seconds, with the given exemplar labels or, if there are
 * none, the `active` ones.
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
    // A monotonic clock never steps back, but one that a test suite has replaced may.
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

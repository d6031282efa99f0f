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

type Recorder<L extends LabelSpec> = (
  seconds: number,
  labels: SomeLabels<L> | undefined,
  exemplarLabels: ExemplarLabels | undefined,
) => void;

/** Starts a clock (`performance.now()`) and hands the seconds to `record` when it is stopped. */
export function startTimer<L extends LabelSpec>(record: Recorder<L>): HistogramTimer<L> {
  const start = performance.now();
  let seconds: number | undefined;
  const stop = (labels?: SomeLabels<L>, exemplarLabels?: ExemplarLabels): number => {
    if (seconds !== undefined) return seconds;
    // A monotonic clock does not step back, but test suites replace it.
    seconds = Math.max(0, (performance.now() - start) / 1000);
    record(seconds, labels, exemplarLabels);
    return seconds;
  };
  return Object.assign(stop, { [Symbol.dispose]: () => void stop() });
}

/** Starts the clock of a child; labels that are given when it is stopped make it record on another series. */
export function startChildTimer<C>(
  family: Siblings<C>,
  child: C,
  record: (child: C, seconds: number, exemplarLabels: ExemplarLabels | undefined) => void,
): HistogramTimer<string> {
  return startTimer<string>((seconds, labels, exemplarLabels) => {
    record(labels === undefined ? child : family.siblingOf(child, labels), seconds, exemplarLabels);
  });
}

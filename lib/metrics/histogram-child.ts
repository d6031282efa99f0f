import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import { settle } from '../calls/settle.js';
import { show, ValueError } from '../model/errors.js';
import {
  type ExemplarLabels,
  hasExemplarSource,
  isWithExemplar,
  type KeepExemplar,
  type WithExemplar,
} from './exemplars.js';
import type { Child } from './family.js';
import { inspectChild } from './inspect.js';
import { timeDecorator } from './method-decorators.js';
import { activeExemplar, checkBody, INSPECT, type Recording } from './recording.js';
import { type HistogramTimer, type Siblings, startTimer, type TimerTarget } from './timer.js';

/** One series of a Histogram. */
export class HistogramChild implements Child, TimerTarget {
  /** @internal */
  pinned = false;

  constructor(
    protected readonly family: Siblings<HistogramChild>,
    protected readonly bounds: Float64Array,
    /** @internal */
    public row: number,
    /** @internal */
    public cells: Float64Array,
    /** @internal */
    public index: number,
  ) {}

  /**
   * Counts one value. Throws ValueError unless it is a finite number; native histograms also accept NaN and infinities. An
   * exemplar, such as `{ trace_id }`, is kept if `enableExemplars` is set.
   */
  observe(value: number, exemplar?: ExemplarLabels): void;
  observe(observation: WithExemplar & { readonly value: number }): void;
  observe(value: number | WithExemplar, _exemplar?: ExemplarLabels): void {
    count(this.cells, this.index, this.bounds, value, this.family);
  }

  /** @internal */
  [INSPECT](): string {
    return inspectChild(this.family, this.row);
  }

  /** Starts a timer; stopping it observes the elapsed seconds. */
  startTimer(exemplar?: ExemplarLabels): HistogramTimer<string> {
    return startTimer(this, undefined, exemplar, activeExemplar(this.family));
  }

  /** @internal */
  recordSeconds(
    seconds: number,
    _labels: object | undefined,
    more: object | undefined,
    exemplarLabels: ExemplarLabels | undefined,
  ): void {
    if (more === undefined) this.observe(seconds, exemplarLabels);
    else this.family.siblingOf(this, more).observe(seconds, exemplarLabels);
  }

  /** Calls `body`, sync or async, and observes the seconds that it took, even if it fails. */
  time<R>(body: () => R): R;
  time<R>(body: () => R, exemplar: ExemplarLabels | undefined): R;
  /** Without a body: a decorator that does the same with each call of a method. */
  time<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  time(body?: () => unknown, exemplar?: ExemplarLabels): unknown {
    checkBody(this?.family, 'time', body, exemplar);
    if (body === undefined) return timeDecorator(this.family, (seconds, exemplar) => this.observe(seconds, exemplar));
    const stop = this.startTimer(exemplar);
    return settle(body, () => void stop());
  }
}

/** Counts one value in the cells of a series: in its bucket, and in the sum after the buckets. */
export function count(
  cells: Float64Array,
  index: number,
  bounds: Float64Array,
  value: unknown,
  family: Recording,
): void {
  if (typeof value !== 'number' || !(Math.abs(value) < Infinity)) refuse(value, family);
  cells[index + bucketOf(bounds, value)] += 1;
  cells[index + bounds.length + 1] += value;
}

function refuse(value: unknown, { name }: Recording): never {
  throw new ValueError(`Histogram "${name}": observed value must be a finite number, got ${show(value)}.`);
}

/** Up to this many bounds are searched linearly. */
const LINEAR_SEARCH_LENGTH = 12;

/**
 * One series of a Histogram with `enableExemplars`. A class of its own, so that other histograms do not pay for
 * exemplars.
 */
export class HistogramChildWithExemplars extends HistogramChild {
  constructor(
    private readonly keep: KeepExemplar<HistogramChild>,
    ...plain: ConstructorParameters<typeof HistogramChild>
  ) {
    super(...plain);
  }

  override observe(value: number | WithExemplar, exemplar?: ExemplarLabels): void {
    if (isWithExemplar(value)) {
      this.observe(value.value as number, value.exemplarLabels);
      return;
    }
    super.observe(value);
    if (exemplar !== undefined || hasExemplarSource()) this.keep(this, bucketOf(this.bounds, value), value, exemplar);
  }
}

/**
 * Returns the index of the first bucket whose upper bound is not below the value. Values above the last bound, and NaN,
 * are in `+Inf`.
 */
export function bucketOf(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  // Binary search, but linear for the last few bounds, whose branches are easier to predict.
  while (high - low > LINEAR_SEARCH_LENGTH) {
    const middle = (low + high) >>> 1;
    if (value <= bounds[middle]) high = middle;
    else low = middle + 1;
  }
  while (low < high && !(value <= bounds[low])) low++;
  return low;
}

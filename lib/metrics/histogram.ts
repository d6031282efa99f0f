import { settle } from '../calls/settle.js';
import { show, ValueError } from '../model/errors.js';
import type { LabelSpec, Labels } from '../model/labels.js';
import type { SampleShape } from '../model/live-family.js';
import { bucketLabels, checkBuckets, DEFAULT_BUCKETS } from './buckets.js';
import { checkNameOf } from './check-config.js';
import type { MetricConfig } from './config.js';
import { carriesExemplar, type ExemplarLabels } from './exemplars.js';
import { type Child, Family } from './family.js';
import { type HistogramTimer, type Siblings, startChildTimer, startTimer, type Timer } from './timer.js';

/** What a Histogram is made from. */
export interface HistogramConfig<L extends LabelSpec> extends MetricConfig<L, Histogram<L>> {
  /** Upper bounds, rising; `+Inf` is added. Default: 5 ms to 10 s, for seconds. */
  readonly buckets?: readonly number[];
}

/** An observation together with an exemplar. */
export interface ObserveWithExemplar<L extends LabelSpec> {
  readonly labels?: Labels<L>;
  readonly value: number;
  readonly exemplarLabels?: ExemplarLabels;
}

/**
 * Counts observations in buckets, so that quantiles can be computed over any time and any number of processes.
 * The count is derived from the buckets: a page is consistent whenever it is read.
 *
 * @example
 * const seconds = new Histogram({ name: 'job_seconds', help: 'Job time', buckets: [0.1, 0.5, 1] });
 * seconds.observe(0.3);
 * await seconds.time(() => work());
 */
export class Histogram<const L extends LabelSpec = readonly []> extends Family<L, HistogramChild> {
  /** The upper bounds without `+Inf`. */
  readonly buckets: readonly number[];
  /** The same as children search them: one array for all. */
  private readonly bounds: Float64Array;

  constructor(config: HistogramConfig<L>) {
    const buckets = checkBuckets(config?.buckets ?? DEFAULT_BUCKETS, checkNameOf(config));
    const labels = bucketLabels(buckets);
    const shape = labels.map((le): SampleShape => ({ suffix: '_bucket', label: ['le', le] }));
    super(config, {
      type: 'histogram',
      // The buckets, the sum.
      width: labels.length + 1,
      shape: [...shape, { suffix: '_sum' }, { suffix: '_count' }],
      reading: { kind: 'buckets' },
      reserved: ['le'],
    });
    this.buckets = buckets;
    this.bounds = Float64Array.from(buckets);
    this.settleIn();
  }

  /** Counts one value. Throws ValueError for what is not a finite number. */
  observe(value: number): void;
  observe(labels: Labels<L>, value: number): void;
  observe(observation: ObserveWithExemplar<L>): void;
  observe(first: number | Labels<L> | ObserveWithExemplar<L>, value?: number): void {
    if (typeof first !== 'object' || first === null) (this.bare ?? this.bareChild()).observe(first ?? value);
    else if (this.enableExemplars && value === undefined && carriesExemplar(first, this.labelNames)) {
      this.observeWithExemplar(first as ObserveWithExemplar<L>);
    } else this.child(first).observe(value as number);
  }

  /** Starts a clock; when it is stopped, the seconds that have passed are observed. */
  startTimer(labels?: Partial<Labels<L>>, exemplarLabels?: ExemplarLabels): HistogramTimer<L> {
    return startTimer((seconds, more, moreExemplarLabels) => {
      const child = this.child({ ...labels, ...more });
      child.observe(seconds);
      this.keepExemplarAt(child, { ...exemplarLabels, ...moreExemplarLabels }, seconds);
    });
  }

  /** Calls `body` and observes the seconds that it took, also when it fails. Sync or async. */
  time<R>(body: () => R): R {
    return (this.bare ?? this.bareChild()).time(body);
  }

  protected override makeChild(row: number): HistogramChild {
    const { cells, index } = this.rows.at(row);
    return new HistogramChild(this, this.bounds, row, cells, index);
  }

  protected override readRow(cells: Float64Array, index: number, _row: number, into: Float64Array, at: number): void {
    const buckets = this.bounds.length + 1;
    let count = 0;
    for (let i = 0; i < buckets; i++) {
      count += cells[index + i];
      into[at + i] = count;
    }
    into[at + buckets] = cells[index + buckets];
    into[at + buckets + 1] = count;
  }

  private observeWithExemplar({ labels, value, exemplarLabels }: ObserveWithExemplar<L>): void {
    const child = this.child(labels ?? {});
    child.observe(value);
    if (exemplarLabels !== undefined) this.keepExemplarAt(child, exemplarLabels, value);
  }

  private keepExemplarAt(child: HistogramChild, labels: ExemplarLabels, value: number): void {
    this.keepExemplar(child, bucketOf(this.bounds, value), labels, value);
  }
}

/** One series of a Histogram. */
export class HistogramChild implements Child {
  held = false;

  constructor(
    private readonly family: Siblings<HistogramChild>,
    private readonly bounds: Float64Array,
    public row: number,
    public cells: Float64Array,
    public index: number,
  ) {}

  /** Counts one value. Throws ValueError for what is not a finite number. */
  observe(value: number): void {
    if (typeof value !== 'number' || !(Math.abs(value) < Infinity)) this.refuse(value);
    const { cells, bounds, index } = this;
    cells[index + bucketOf(bounds, value)] += 1;
    cells[index + bounds.length + 1] += value;
  }

  /** Starts a clock; when it is stopped, the seconds that have passed are observed. */
  startTimer(): Timer<string> {
    return startChildTimer(this.family, this, (child, seconds) => child.observe(seconds));
  }

  /** Calls `body` and observes the seconds that it took, also when it fails. Sync or async. */
  time<R>(body: () => R): R {
    const stop = this.startTimer();
    return settle(body, () => void stop());
  }

  private refuse(value: unknown): never {
    throw new ValueError(`Histogram "${this.family.name}" observes finite numbers, not ${show(value)}.`);
  }
}

/** The first bucket whose upper bound is not below the value; the one behind the last bound is `+Inf`. */
function bucketOf(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bounds[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

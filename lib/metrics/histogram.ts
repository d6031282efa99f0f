import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import type { CellLayout } from '../model/descriptor.js';
import { ConfigError } from '../model/errors.js';
import type { Exemplar } from '../model/exemplar.js';
import type {
  CurriedLabels,
  LabelName,
  LabelSpec,
  Labels,
  NoLabels,
  RecordingArguments,
  SomeLabels,
  WithoutLabels,
} from '../model/labels.js';
import { NATIVE_HEAD, NativeReading } from '../model/native-histogram.js';
import type { OptionNames } from '../model/options.js';
import type { FamilyLog } from '../store/row-changes.js';
import { bucketPlan, checkBuckets, DEFAULT_BUCKETS } from './buckets.js';
import { carriesExemplar, type ExemplarLabels } from './exemplars.js';
import { type Curried, Family } from './family.js';
import { count, HistogramChild, HistogramChildWithExemplars } from './histogram-child.js';
import { NO_LABELS } from './label-reader.js';
import { nativeLayoutOf } from './layout/native.js';
import { BucketLayout } from './layout/rows.js';
import { COMMON_OPTIONS, checkNameOf, type MetricConfig } from './metric-config.js';
import { withNewExemplar } from './native/native-exemplars.js';
import { NativeHistogramChild, type ResetRule } from './native/native-histogram-child.js';
import { checkNative, type NativeOptions, type NativePlan } from './native/native-options.js';
import { newNativeSketch } from './native/native-sketch.js';
import { activeExemplar, checkBody } from './recording.js';
import { type HistogramTimer, startTimer } from './timer.js';

/** Options of a Histogram. */
export interface HistogramConfig<L extends LabelSpec> extends MetricConfig<L, Histogram<L>> {
  /**
   * Upper bounds in increasing order; `+Inf` is added. Default: 5 ms to 10 s, in seconds. `false`: none, for native
   * histograms only.
   */
  readonly buckets?: readonly number[] | false;
  /**
   * Whether there are also exponential buckets, which Prometheus ingests as a native histogram if it scrapes protobuf.
   * Default: false.
   */
  readonly native?: boolean | NativeOptions;
}

const OPTIONS: OptionNames<HistogramConfig<LabelSpec>> = { ...COMMON_OPTIONS, buckets: true, native: true };

const RESERVED = ['le'];
const BUCKETS: CellLayout = { kind: 'buckets' };

function bucketsAnd({ schema, zeroThreshold }: NativePlan): CellLayout {
  return { kind: 'buckets', native: { schema, zeroThreshold } };
}

// For histograms without native buckets.
const NO_RESETS: ResetRule = { minResetMs: Infinity, reset() {}, scheduleReset() {} };
const NONE_SCHEDULED = new Set<NativeHistogramChild>();

/** An observation together with an exemplar. */
export interface ObserveWithExemplar<L extends LabelSpec> {
  readonly labels?: Labels<L>;
  readonly value: number;
  readonly exemplarLabels?: ExemplarLabels;
}

/**
 * Counts observations in buckets, from which quantiles can be computed over any time and any number of processes. The
 * count is derived from the buckets, so that a page is consistent whenever it is read.
 *
 * @example
 * const seconds = new Histogram({ name: 'job_seconds', help: 'Job time', buckets: [0.1, 0.5, 1] });
 * seconds.observe(0.3);
 * await seconds.time(() => work());
 * @example
 * const bytes = new Histogram({ name: 'response_bytes', help: 'Size', native: { factor: 1.1 }, buckets: false });
 */
export class Histogram<L extends LabelSpec = NoLabels> extends Family<L, HistogramChild> {
  /** The upper bounds without `+Inf`; empty if there are only native buckets. */
  readonly buckets: readonly number[];
  /** Settings of the native buckets; undefined if there are none. */
  readonly native: NativePlan | undefined;
  /** The same bounds in a typed array that all children share. */
  private readonly bounds: Float64Array;
  /** Whether an observation is only two additions, because there are neither native buckets nor exemplars. */
  private readonly isPlain: boolean;
  private readonly resetRule: ResetRule = NO_RESETS;
  /** Native series that wait for their reset. */
  private readonly scheduled = NONE_SCHEDULED;

  constructor(config: HistogramConfig<L>) {
    const name = checkNameOf(config);
    const native = config.native === undefined ? undefined : checkNative(config.native, name);
    if (config.buckets === false && native === undefined) {
      throw new ConfigError(`Histogram "${name}" has no buckets: pass bounds, or set native.`);
    }
    const buckets = config.buckets === false ? [] : checkBuckets(config.buckets ?? DEFAULT_BUCKETS, name);
    const { bounds, shape } = bucketPlan(buckets);
    const isPlain = native === undefined && config.enableExemplars !== true;
    // Cells for the buckets, the sum, and the head of the exponential buckets.
    const width = buckets.length + 2 + (native === undefined ? 0 : NATIVE_HEAD);
    super(config, {
      type: 'histogram',
      options: OPTIONS,
      width,
      shape,
      layout: native === undefined ? BUCKETS : bucketsAnd(native),
      rowLayout: () => new BucketLayout(buckets.length + 1, width),
      reserved: RESERVED,
      transientChildren: isPlain,
    });
    this.buckets = buckets;
    this.native = native;
    this.isPlain = isPlain;
    this.bounds = bounds;
    if (native !== undefined) {
      this.scheduled = new Set();
      const layout = nativeLayoutOf(native);
      this.readNative = (row, into = new NativeReading()) => {
        const child = this.childAt(row);
        if (child instanceof NativeHistogramChild) child.readNative(layout, into);
        return into;
      };
      this.resetRule = {
        minResetMs: native.minResetMs ?? Infinity,
        reset: (child) => this.resetNative(child),
        scheduleReset: (child) => {
          this.announceRefresh();
          this.scheduled.add(child);
        },
      };
    }
    this.register();
  }

  /**
   * Counts one value. Throws ValueError unless it is a finite number; native histograms also accept NaN and infinities. An
   * exemplar, such as `{ trace_id }`, is kept if `enableExemplars` is set.
   */
  observe(
    ...observation: RecordingArguments<
      L,
      [labels: Labels<L>, value: number, exemplar?: ExemplarLabels],
      [value: number, exemplar?: ExemplarLabels]
    >
  ): void;
  observe(observation: ObserveWithExemplar<L>): void;
  observe(first: number | object, second?: number | ExemplarLabels, exemplar?: ExemplarLabels): void {
    if (typeof first !== 'object' || first === null) {
      const child = this.unlabeled ?? this.unlabeledChild();
      if (typeof second === 'object' && second !== null) child.observe(first, second);
      else child.observe(first ?? second, exemplar);
    } else if (this.isPlain) {
      this.countAt(this.labelReader.rowOf(first), second);
    } else this.observeOnChild(first, second, exemplar);
  }

  private countAt(row: number, value: unknown): void {
    const { cells, origin } = this.rows.blockAt(row);
    count(cells, origin + row * this.rows.width, this.bounds, value, this);
  }

  private observeOnChild(
    first: object,
    second: number | ExemplarLabels | undefined,
    exemplar: ExemplarLabels | undefined,
  ): void {
    if (this.enableExemplars && second === undefined && carriesExemplar(first, this.labelNames)) {
      const { labels, value, exemplarLabels } = first as ObserveWithExemplar<L>;
      this.child(labels ?? NO_LABELS).observe(value, exemplarLabels);
    } else this.child(first).observe(second as number, exemplar);
  }

  /** Starts a timer; stopping it observes the elapsed seconds. */
  startTimer(labels?: SomeLabels<L>, exemplarLabels?: ExemplarLabels): HistogramTimer<L> {
    return startTimer(this, labels, exemplarLabels, activeExemplar(this));
  }

  /** @internal */
  recordSeconds(
    seconds: number,
    labels: object | undefined,
    more: object | undefined,
    exemplarLabels: ExemplarLabels | undefined,
  ): void {
    const { unlabeled } = this;
    if (labels === undefined && more === undefined && unlabeled !== undefined) {
      unlabeled.observe(seconds, exemplarLabels);
      return;
    }
    const row = this.labelReader.rowOfBoth(labels, more);
    if (this.isPlain) this.countAt(row, seconds);
    else this.childAt(row).observe(seconds, exemplarLabels);
  }

  /** Calls `body`, sync or async, and observes the seconds that it took, even if it fails. */
  time<R>(body: () => R): R;
  time<R>(body: () => R, exemplar: ExemplarLabels | undefined): R;
  /** Without a body: a decorator that does the same with each call of a method, `@seconds.time() nightly() {}`. */
  time<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  time(body?: () => unknown, exemplar?: ExemplarLabels): unknown {
    checkBody(this, 'time', body, exemplar);
    return (this.unlabeled ?? this.unlabeledChild()).time(body as () => unknown, exemplar);
  }

  /**
   * Returns this metric with some labels already set: recording takes only the others, and saves a look-up for each one
   * that is set. Both share their series; one that was removed is added again by the next recording. Throws LabelError
   * for an unknown label.
   *
   * @example const users = seconds.curry({ route: '/users' }); users.observe({ method: 'GET' }, 0.2);
   */
  curry<K extends LabelName<L>>(labels: CurriedLabels<L, K>): Curried<Histogram<WithoutLabels<L, K>>> {
    return this.curried(labels) as Curried<Histogram<WithoutLabels<L, K>>>;
  }

  /**
   * Performs resets that are due before the page is read.
   * @internal
   */
  override get refresh(): (() => void | Promise<void>) | undefined {
    return this.scheduled.size === 0 ? this.collect : () => this.resetScheduled();
  }

  /** @internal */
  override makeChild(row: number): HistogramChild {
    const { cells, index } = this.rows.at(row);
    const { bounds, native, keepExemplar } = this;
    if (native !== undefined) {
      const sketch = newNativeSketch(this.store, native, cells, index + bounds.length + 2);
      return new NativeHistogramChild(sketch, this.resetRule, keepExemplar, this, bounds, row, cells, index);
    }
    return keepExemplar === undefined
      ? new HistogramChild(this, bounds, row, cells, index)
      : new HistogramChildWithExemplars(keepExemplar, this, bounds, row, cells, index);
  }

  protected override putExemplar(child: HistogramChild, line: number, exemplar: Exemplar): void {
    super.putExemplar(child, line, exemplar);
    // NaN is in no bucket.
    if (child instanceof NativeHistogramChild && !Number.isNaN(exemplar.value)) {
      child.exemplars = withNewExemplar(child.exemplars, exemplar);
    }
  }

  protected override restart(child: HistogramChild): void {
    super.restart(child);
    if (!(child instanceof NativeHistogramChild)) return;
    child.restarted();
    child.exemplars = [];
    this.scheduled.delete(child);
  }

  protected override describeParts(child: HistogramChild, log: FamilyLog): void {
    if (!(child instanceof NativeHistogramChild)) return;
    // Later pages go to all logs that follow the family then.
    let describing: FamilyLog | undefined = log;
    child.sketch.describe((key, page) => {
      if (describing !== undefined) describing.part(child.row, key, page);
      else this.publishPart(child, key, page);
    });
    describing = undefined;
  }

  protected override detach(child: HistogramChild): void {
    super.detach(child);
    if (!(child instanceof NativeHistogramChild)) return;
    child.sketch.setPaused(true);
    child.sketch.release();
    this.scheduled.delete(child);
  }

  /** Unlike `restart`, which a caller requests, an automatic reset keeps exemplars, as in the Go client. */
  private resetNative(child: NativeHistogramChild): void {
    this.rows.zero(child.row, Date.now());
    child.restarted();
    this.scheduled.delete(child);
  }

  private resetScheduled(): void | Promise<void> {
    for (const child of this.scheduled) child.resetIfDue();
    return this.collect?.();
  }
}

/** prom-client's names for types. */
export declare namespace Histogram {
  type Internal<_L extends string> = Pick<HistogramChild, 'observe' | 'startTimer'>;
  type Config = { buckets?: number[] };
}

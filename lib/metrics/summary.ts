import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import { settle } from '../calls/settle.js';
import { canonicalFloat } from '../model/canonical-float.js';
import { ConfigError, show, ValueError } from '../model/errors.js';
import type {
  CurriedLabels,
  LabelName,
  LabelSpec,
  Labels,
  NoLabels,
  RecordingArguments,
  SeriesValues,
  SomeLabels,
  WithoutLabels,
} from '../model/labels.js';
import type { SampleShape } from '../model/live-family.js';
import type { OptionNames } from '../model/options.js';
import type { FamilyLog } from '../store/row-changes.js';
import type { Store } from '../store/store.js';
import { areSame } from './buckets.js';
import { type Child, type Curried, Family } from './family.js';
import { inspectChild } from './inspect.js';
import { COUNT, QuantileLayout, SUM, SUMMARY_CELLS } from './layout/rows.js';
import { timeDecorator } from './method-decorators.js';
import { COMMON_OPTIONS, checkNameOf, flagOf, type MetricConfig } from './metric-config.js';
import { checkBody, INSPECT } from './recording.js';
import type { Sketch } from './sketch/sketch.js';
import { newSketchWindow, type SketchWindow, slicesOf, type WindowPlan, type WindowSlice } from './sketch/window.js';
import { type Siblings, startTimer, type Timer, type TimerTarget } from './timer.js';

const DEFAULT_PERCENTILES: readonly number[] = [0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999];

const RESERVED = ['quantile'];

/** Options of a Summary. */
export interface SummaryConfig<L extends LabelSpec> extends MetricConfig<L, Summary<L>> {
  /** The ranks of the quantiles on the page, from 0 to 1. Default: 0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999. */
  readonly percentiles?: readonly number[];
  /** Length of the sliding window of the quantiles, in seconds. Default: none; they cover the whole range. */
  readonly maxAgeSeconds?: number;
  /** Number of slices of the window, from 1 to 1000. The window moves by one slice at a time. Default: 5. */
  readonly ageBuckets?: number;
  /**
   * Whether a series whose window is empty is removed, with its count and sum. The next observation adds it again, also
   * one on a child that a caller has kept. Default: false.
   */
  readonly pruneAgedBuckets?: boolean;
  /** Accepted for compatibility with prom-client; has no effect. */
  readonly compressCount?: number;
}

const OPTIONS: OptionNames<SummaryConfig<LabelSpec>> = {
  ...COMMON_OPTIONS,
  percentiles: true,
  maxAgeSeconds: true,
  ageBuckets: true,
  pruneAgedBuckets: true,
  compressCount: true,
};

/**
 * Computes quantiles of the observed values over a sliding window, with a relative error of at most 1.1 %; they are exact
 * while a slice of the window has 16 observations or fewer. Count and sum cover the whole range.
 *
 * @example
 * const seconds = new Summary({ name: 'rpc_seconds', help: 'RPC time', percentiles: [0.5, 0.99], maxAgeSeconds: 600 });
 * seconds.observe(0.2);
 */
export class Summary<L extends LabelSpec = NoLabels> extends Family<L, SummaryChild> {
  /** The ranks of the quantiles on the page. */
  readonly percentiles: readonly number[];
  private readonly plan: WindowPlan;
  private readonly prune: boolean;

  constructor(config: SummaryConfig<L>) {
    const percentiles = checkPercentiles(config?.percentiles ?? DEFAULT_PERCENTILES, checkNameOf(config));
    const plan = checkWindow(config);
    const { ageBuckets, maxAgeSeconds } = plan;
    const window = Number.isFinite(maxAgeSeconds) ? { ageBuckets, maxAgeSeconds } : { ageBuckets: 1 };
    super(config, {
      type: 'summary',
      options: OPTIONS,
      width: SUMMARY_CELLS,
      layout: { kind: 'quantiles', ranks: percentiles, ...window },
      rowLayout: (sketches) => new QuantileLayout(percentiles, sketches),
      shape: shapeOf(percentiles),
      reserved: RESERVED,
    });
    this.percentiles = percentiles;
    this.plan = plan;
    this.prune = flagOf(config, 'pruneAgedBuckets');
    this.register();
  }

  /** Counts one value. Throws ValueError unless it is a finite number. */
  observe(...observation: RecordingArguments<L, [labels: Labels<L>, value: number], [value: number]>): void;
  observe(first: number | object, value?: unknown): void {
    if (typeof first !== 'object' || first === null)
      (this.unlabeled ?? this.unlabeledChild()).observe((first ?? value) as number);
    else this.child(first).observe(value as number);
  }

  /** Starts a timer; stopping it observes the seconds that have passed. */
  startTimer(labels?: SomeLabels<L>): Timer<L> {
    return startTimer(this, labels);
  }

  /** @internal */
  recordSeconds(seconds: number, labels: object | undefined, more: object | undefined): void {
    const { unlabeled } = this;
    if (labels === undefined && more === undefined && unlabeled !== undefined) unlabeled.observe(seconds);
    else this.childAt(this.labelReader.rowOfBoth(labels, more)).observe(seconds);
  }

  /** Calls `body`, sync or async, and observes the seconds that it took, even if it fails. */
  time<R>(body: () => R): R;
  /** Without a body: a decorator that does the same with each call of a method, `@seconds.time() nightly() {}`. */
  time<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  time(body?: () => unknown, more?: unknown): unknown {
    checkBody(this, 'time', body, more);
    return (this.unlabeled ?? this.unlabeledChild()).time(body as () => unknown);
  }

  /**
   * Returns this metric with some labels already set: recording takes only the others, and saves a look-up for each one
   * that is set. Both share their series; one that was removed is added again by the next recording. Throws LabelError
   * for an unknown label.
   *
   * @example const users = seconds.curry({ route: '/users' }); users.observe({ method: 'GET' }, 0.2);
   */
  curry<K extends LabelName<L>>(labels: CurriedLabels<L, K>): Curried<Summary<WithoutLabels<L, K>>> {
    return this.curried(labels) as Curried<Summary<WithoutLabels<L, K>>>;
  }

  /**
   * Removes series whose window is empty before the page is read.
   * @internal
   */
  override get refresh(): (() => void | Promise<void>) | undefined {
    return this.prune ? () => this.pruneAged() : this.collect;
  }

  /** @internal */
  override makeChild(row: number): SummaryChild {
    const { cells, index } = this.rows.at(row);
    return new SummaryChild(this, this.store, this.plan, row, cells, index);
  }

  /** @internal */
  override sketchesOf(row: number): readonly Sketch[] {
    return this.childAt(row).window.recent();
  }

  /** @internal */
  override windowOf(row: number): readonly WindowSlice[] {
    return slicesOf(this.sketchesOf(row), this.plan, performance.now());
  }

  protected override describeParts(child: SummaryChild, log: FamilyLog): void {
    // Later parts go to all logs that follow the family then.
    let describing: FamilyLog | undefined = log;
    child.window.describe((key, range) => {
      if (describing !== undefined) describing.part(child.row, key, range);
      else this.publishPart(child, key, range);
    });
    describing = undefined;
  }

  protected override restart(child: SummaryChild): void {
    super.restart(child);
    child.window.clear();
  }

  protected override detach(child: SummaryChild): void {
    super.detach(child);
    child.window.release();
  }

  private pruneAged(): void | Promise<void> {
    this.dropWhere(
      (child) => child.window.count === 0,
      (child, values) => {
        if (child.pinned) child.successor = () => this.labels(...(values as SeriesValues<L>));
      },
    );
    return this.collect?.();
  }
}

/** prom-client's names for types. */
export declare namespace Summary {
  type Internal<_L extends string> = Pick<SummaryChild, 'observe' | 'startTimer'>;
  type Config = { percentiles?: number[] };
}

/** One series of a Summary. */
export class SummaryChild implements Child, TimerTarget {
  /** @internal */
  pinned = false;
  /** @internal */
  readonly window: SketchWindow;
  /**
   * Returns the child that records in place of this one, if its series was removed because its window was empty.
   * @internal
   */
  successor: (() => SummaryChild) | undefined;

  constructor(
    private readonly family: Siblings<SummaryChild>,
    store: Store,
    plan: WindowPlan,
    /** @internal */
    public row: number,
    /** @internal */
    public cells: Float64Array,
    /** @internal */
    public index: number,
  ) {
    this.window = newSketchWindow(store, plan);
  }

  /** Counts one value. Throws ValueError unless it is a finite number. */
  observe(value: number): void {
    if (typeof value !== 'number' || !(Math.abs(value) < Infinity)) this.refuse(value);
    if (this.row < 0) {
      this.successor?.().observe(value);
      return;
    }
    this.window.add(value);
    this.cells[this.index + SUM] += value;
    this.cells[this.index + COUNT] += 1;
  }

  /** Starts a timer; stopping it observes the seconds that have passed. */
  startTimer(): Timer<string> {
    return startTimer(this);
  }

  /** @internal */
  recordSeconds(seconds: number, _labels: object | undefined, more: object | undefined): void {
    if (more === undefined) this.observe(seconds);
    else this.family.siblingOf(this, more).observe(seconds);
  }

  /** Calls `body`, sync or async, and observes the seconds that it took, even if it fails. */
  time<R>(body: () => R): R;
  /** Without a body: a decorator that does the same with each call of a method. */
  time<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  time(body?: () => unknown, more?: unknown): unknown {
    checkBody(this?.family, 'time', body, more);
    if (body === undefined) return timeDecorator(this.family, (seconds) => this.observe(seconds));
    const stop = this.startTimer();
    return settle(body, () => void stop());
  }

  /** @internal */
  [INSPECT](): string {
    return inspectChild(this.family, this.row);
  }

  private refuse(value: unknown): never {
    throw new ValueError(`Summary "${this.family.name}": observed value must be a finite number, got ${show(value)}.`);
  }
}

/** More slices would only slow down reading. */
const MAX_AGE_BUCKETS = 1000;

/** Resolution of the clock. */
const SHORTEST_SLICE_SECONDS = 1e-6;

type WindowConfig = Pick<SummaryConfig<LabelSpec>, 'name' | 'maxAgeSeconds' | 'ageBuckets'>;

function checkPercentiles(percentiles: unknown, family: string): readonly number[] {
  if (!Array.isArray(percentiles)) {
    throw new ConfigError(`Summary "${family}": percentiles must be an array of ranks, got ${show(percentiles)}.`);
  }
  for (const rank of percentiles as unknown[]) {
    if (typeof rank !== 'number' || !(rank >= 0 && rank <= 1)) {
      throw new ConfigError(
        `Summary "${family}": a percentile must be a rank from 0 to 1, such as 0.99, got ${show(rank)}.`,
      );
    }
  }
  return [...new Set(percentiles as number[])];
}

/** The lines of the last summary: most summaries of a program have the same quantiles. */
let latest: { readonly percentiles: readonly number[]; readonly shape: readonly SampleShape[] } | undefined;

function shapeOf(percentiles: readonly number[]): readonly SampleShape[] {
  if (latest === undefined || !areSame(latest.percentiles, percentiles)) {
    const shape = percentiles.map((rank): SampleShape => ({ suffix: '', label: ['quantile', canonicalFloat(rank)] }));
    latest = { percentiles: [...percentiles], shape: [...shape, { suffix: '_sum' }, { suffix: '_count' }] };
  }
  return latest.shape;
}

function checkWindow({ name, maxAgeSeconds = Infinity, ageBuckets = 5 }: WindowConfig): WindowPlan {
  if (!(typeof maxAgeSeconds === 'number' && maxAgeSeconds > 0)) {
    throw new ConfigError(
      `Summary "${name}": maxAgeSeconds must be a number of seconds above 0, got ${show(maxAgeSeconds)}.`,
    );
  }
  if (!Number.isInteger(ageBuckets) || ageBuckets < 1 || ageBuckets > MAX_AGE_BUCKETS) {
    throw new ConfigError(
      `Summary "${name}": ageBuckets must be a whole number from 1 to ${MAX_AGE_BUCKETS}, got ${show(ageBuckets)}.`,
    );
  }
  if (maxAgeSeconds / ageBuckets < SHORTEST_SLICE_SECONDS) {
    throw new ConfigError(
      `Summary "${name}": ${ageBuckets} ageBuckets of ${maxAgeSeconds} seconds are shorter than a microsecond each.`,
    );
  }
  return { maxAgeSeconds, ageBuckets };
}

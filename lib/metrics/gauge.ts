import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import { type GaugeMerge, isMode, MODES } from '../model/combination.js';
import type { FamilyDescriptor } from '../model/descriptor.js';
import { ConfigError, show } from '../model/errors.js';
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
import { ONE_LINE } from '../model/live-family.js';
import type { OptionNames } from '../model/options.js';
import { type Curried, Family } from './family.js';
import { add, addTimed, GaugeChild, type GaugeSources, set, setTimed, TimedGaugeChild } from './gauge-child.js';
import { ScalarLayout, TICK, TIME, TIMED_CELLS } from './layout/rows.js';
import { COMMON_OPTIONS, type MetricConfig } from './metric-config.js';
import type { FamilyPlan } from './published-family.js';
import { checkBody } from './recording.js';
import { startTimer, type Timer } from './timer.js';

/** Options of a Gauge. */
export interface GaugeConfig<L extends LabelSpec> extends MetricConfig<L, Gauge<L>> {
  /** How the values of several threads or processes are merged. Default: by `aggregator`, over those that are running. */
  readonly aggregate?: GaugeMerge;
}

const OPTIONS: OptionNames<GaugeConfig<LabelSpec>> = { ...COMMON_OPTIONS, aggregate: true };

const PLAIN: FamilyPlan = { type: 'gauge', options: OPTIONS, width: 1, shape: ONE_LINE, transientChildren: true };
/** With further cells for the time at which a series was set, and for the tick. */
const TIMED: FamilyPlan = { ...PLAIN, width: TIMED_CELLS, rowLayout: () => new ScalarLayout(1, 0, TIMED_CELLS) };

/**
 * A value that goes up and down: queue length, open connections, a temperature, the time of the last success.
 *
 * @example
 * const users = new Gauge({ name: 'users', help: 'Users that are logged in' });
 * users.inc();
 * users.dec();
 * users.set(5);
 */
export class Gauge<L extends LabelSpec = NoLabels> extends Family<L, GaugeChild> {
  /** How the values of several threads or processes are merged; undefined if by `aggregator`. */
  readonly aggregate: GaugeMerge | undefined;
  /** Whether series have cells for the time at which they were set. */
  private readonly isTimed: boolean;
  /** Functions that are called before every page, by the child or report whose values they set. */
  private sources: GaugeSources | undefined;

  constructor(config: GaugeConfig<L>) {
    const isTimed = config?.aggregate === 'mostrecent' || config?.aggregate === 'livemostrecent';
    super(config, isTimed ? TIMED : PLAIN);
    this.aggregate = checkMerge(config.aggregate, this.name);
    this.isTimed = isTimed;
    this.register();
  }

  /** Sets the value: any number, NaN and infinities included. Throws ValueError for anything else. */
  set(...value: RecordingArguments<L, [labels: Labels<L>, value: number], [value: number]>): void;
  set(first: number | object, value?: unknown): void {
    if (typeof first === 'object' && first !== null) this.setAt(this.labelReader.rowOf(first), value);
    else (this.unlabeled ?? this.unlabeledChild()).set((first ?? value) as number);
  }

  /** Adds `value`, 1 by default. */
  inc(...increment: RecordingArguments<L, [labels: Labels<L>, value?: number], [value?: number | null]>): void;
  inc(first?: number | object | null, value?: unknown): void {
    if (typeof first === 'object' && first !== null) this.addAt(this.labelReader.rowOf(first), value, 1);
    else (this.unlabeled ?? this.unlabeledChild()).inc((first ?? value) as number | undefined);
  }

  /** Subtracts `value`, 1 by default. */
  dec(...decrement: RecordingArguments<L, [labels: Labels<L>, value?: number], [value?: number | null]>): void;
  dec(first?: number | object | null, value?: unknown): void {
    if (typeof first === 'object' && first !== null) this.addAt(this.labelReader.rowOf(first), value, -1);
    else (this.unlabeled ?? this.unlabeledChild()).dec((first ?? value) as number | undefined);
  }

  /** Sets the value to the current time in seconds since the epoch. */
  setToCurrentTime(...labels: RecordingArguments<L, [labels: Labels<L>], []>): void;
  setToCurrentTime(labels?: object | null): void {
    if (labels === undefined || labels === null) (this.unlabeled ?? this.unlabeledChild()).setToCurrentTime();
    else this.setAt(this.labelReader.rowOf(labels), Date.now() / 1000);
  }

  /** Starts a timer; stopping it sets the gauge to the elapsed seconds. */
  startTimer(labels?: SomeLabels<L>): Timer<L> {
    return startTimer(this, labels);
  }

  /** @internal */
  recordSeconds(seconds: number, labels: object | undefined, more: object | undefined): void {
    const { unlabeled } = this;
    if (labels === undefined && more === undefined && unlabeled !== undefined) unlabeled.set(seconds);
    else this.setAt(this.labelReader.rowOfBoth(labels, more), seconds);
  }

  /** Calls `body`, sync or async, and sets the gauge to the seconds that it took, even if it fails. */
  time<R>(body: () => R): R;
  /** Without a body: a decorator that does the same with each call of a method, `@seconds.time() nightly() {}`. */
  time<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  time(body?: () => unknown, more?: unknown): unknown {
    checkBody(this, 'time', body, more);
    return (this.unlabeled ?? this.unlabeledChild()).time(body as () => unknown);
  }

  /** Adds 1 while `body` runs: until it returns or throws, or until its promise is settled. */
  trackInProgress<R>(body: () => R): R;
  /** Without a body: a decorator that does the same with each call of a method, `@jobs.trackInProgress() job() {}`. */
  trackInProgress<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  trackInProgress(body?: () => unknown, more?: unknown): unknown {
    checkBody(this, 'trackInProgress', body, more);
    return (this.unlabeled ?? this.unlabeledChild()).trackInProgress(body as () => unknown);
  }

  /**
   * Reads the value from a function, which is called before every page; if it throws, the family is left out of that page.
   * `undefined` removes the function.
   */
  setFunction(source: (() => number) | undefined): void {
    (this.unlabeled ?? this.unlabeledChild()).setFunction(source);
  }

  /**
   * Returns this metric with some labels already set: recording takes only the others, and saves a look-up for each one
   * that is set. Both share their series; one that was removed is added again by the next recording. Throws LabelError
   * for an unknown label.
   *
   * @example const users = requests.curry({ route: '/users' }); users.inc({ method: 'GET' });
   */
  curry<K extends LabelName<L>>(labels: CurriedLabels<L, K>): Curried<Gauge<WithoutLabels<L, K>>> {
    // Both families share the sources.
    this.makeSources();
    return this.curried(labels) as Curried<Gauge<WithoutLabels<L, K>>>;
  }

  /**
   * Calls `report` before every page to set the series that exist at that moment; those that it no longer sets are
   * removed. Several reports may share a gauge if they set different series. Returns a function that removes the
   * report; its series remain. For gauges over a changing set of things, such as instances of a class.
   * @internal
   */
  report(report: GaugeReport): () => void {
    const series = new ReportedSeries(this as Gauge<string>, report);
    const sources = this.makeSources();
    this.announceRefresh();
    sources.set(series, () => series.update());
    return () => void sources.delete(series);
  }

  /** @internal */
  override get refresh(): (() => void | Promise<void>) | undefined {
    const { sources } = this;
    return sources === undefined || sources.size === 0 ? this.collect : () => this.callSources(sources);
  }

  /** @internal */
  override get descriptor(): FamilyDescriptor {
    const { aggregate } = this;
    return { ...super.descriptor, ...(aggregate && { aggregate }) };
  }

  /** @internal */
  override lastSetAt(row: number): number {
    if (!this.isTimed) return 0;
    const { cells, index } = this.rows.at(row);
    return cells[index + TIME];
  }

  /** @internal */
  override lastSetTick(row: number): number {
    if (!this.isTimed) return 0;
    const { cells, index } = this.rows.at(row);
    return cells[index + TICK];
  }

  /** @internal */
  override makeChild(row: number): GaugeChild {
    const { cells, index } = this.rows.at(row);
    return new (this.isTimed ? TimedGaugeChild : GaugeChild)(this, this.makeSources(), row, cells, index);
  }

  protected override restart(child: GaugeChild): void {
    super.restart(child);
    child.epoch += 1;
  }

  protected override detach(child: GaugeChild): void {
    this.sources?.delete(child);
    super.detach(child);
    child.epoch += 1;
  }

  /** Created with the first child. */
  private makeSources(): GaugeSources {
    this.sources ??= new Map();
    return this.sources;
  }

  private callSources(sources: GaugeSources): void | Promise<void> {
    let done: Promise<void> | undefined;
    for (const source of sources.values()) {
      done = (done === undefined ? source() : done.then(source)) as Promise<void> | undefined;
    }
    return done === undefined ? this.collect?.() : done.then(() => this.collect?.());
  }

  private setAt(row: number, value: unknown): void {
    const { cells, origin } = this.rows.blockAt(row);
    if (this.isTimed) setTimed(cells, origin + TIMED_CELLS * row, value, this);
    else set(cells, origin + row, value, this);
  }

  private addAt(row: number, value: unknown, sign: 1 | -1): void {
    const { cells, origin } = this.rows.blockAt(row);
    if (this.isTimed) addTimed(cells, origin + TIMED_CELLS * row, value ?? 1, sign, this);
    else add(cells, origin + row, value ?? 1, sign, this);
  }
}

/** prom-client's names for types. */
export declare namespace Gauge {
  type Internal<_L extends string> = Pick<GaugeChild, 'inc' | 'dec' | 'set' | 'setToCurrentTime' | 'startTimer'>;
}

function checkMerge(merge: unknown, family: string): GaugeMerge | undefined {
  if (merge === undefined) return undefined;
  if (isMode(merge)) return merge;
  throw new ConfigError(
    `Gauge "${family}": aggregate must be one of ${Object.keys(MODES).join(', ')}, got ${show(merge)}.`,
  );
}

/** Sets one series of a report: its value, or undefined if it is unknown, and its label values in the order of the labels. */
export type SetSeries = (value: number | undefined, ...labelValues: readonly (string | number)[]) => void;

/** Calls `set` for each series that exists at this moment. May be async. */
export type GaugeReport = (set: SetSeries) => void | Promise<void>;

/** The part of Gauge that a report writes to. */
interface ReportedGauge {
  labels(...values: readonly (string | number)[]): { set(value: number): void };
  remove(...values: readonly (string | number)[]): void;
}

/**
 * The series of a gauge that one report sets. They are written when the report is complete, and those that it no longer
 * contains are removed. A failing report changes nothing.
 */
class ReportedSeries {
  /** The label values of the series in the last report. */
  private shown: ReadonlyMap<string, readonly (string | number)[]> = new Map();

  constructor(
    private readonly gauge: ReportedGauge,
    private readonly report: GaugeReport,
  ) {}

  /** Runs the report and writes its series. Throws, or rejects with, the error of the report. */
  update(): void | Promise<void> {
    const labels = new Map<string, readonly (string | number)[]>();
    const values = new Map<string, number>();
    const done = this.report((value, ...labelValues) => {
      // The only series of a gauge without labels cannot be removed, and 0 would be wrong, so it becomes NaN.
      if (value === undefined && labelValues.length > 0) return;
      const key = JSON.stringify(labelValues);
      labels.set(key, labelValues);
      values.set(key, value ?? Number.NaN);
    });
    return done === undefined ? this.show(labels, values) : done.then(() => this.show(labels, values));
  }

  private show(labels: ReadonlyMap<string, readonly (string | number)[]>, values: ReadonlyMap<string, number>): void {
    // Removed first, so that a gauge with a limit has room for the new ones.
    for (const [key, labelValues] of this.shown) if (!labels.has(key)) this.gauge.remove(...labelValues);
    this.shown = labels;
    for (const [key, value] of values) this.gauge.labels(...(labels.get(key) ?? [])).set(value);
  }
}

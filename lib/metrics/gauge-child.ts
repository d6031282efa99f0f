import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import { settle } from '../calls/settle.js';
import { show, ValueError } from '../model/errors.js';
import type { Child } from './family.js';
import { inspectChild } from './inspect.js';
import { TICK, TIME } from './layout/rows.js';
import { progressDecorator, timeDecorator } from './method-decorators.js';
import { checkBody, INSPECT, type Recording } from './recording.js';
import { type Siblings, startTimer, type Timer, type TimerTarget } from './timer.js';

/** Functions that are called before every page, by the child or report whose values they set. */
export type GaugeSources = Map<object, () => void | Promise<void>>;

/** One series of a Gauge. */
export class GaugeChild implements Child, TimerTarget {
  /** @internal */
  pinned = false;
  /**
   * Number of resets of the series: a call that began before the last reset must not be subtracted.
   * @internal
   */
  epoch = 0;

  constructor(
    private readonly family: Siblings<GaugeChild> & { announceRefresh?(): void },
    private readonly sources: GaugeSources,
    /** @internal */
    public row: number,
    /** @internal */
    public cells: Float64Array,
    /** @internal */
    public index: number,
  ) {}

  /** Sets the value: any number, NaN and infinities included. Throws ValueError for anything else. */
  set(value: number): void {
    set(this.cells, this.index, value, this.family);
  }

  /** Adds `value`, 1 by default. Throws ValueError for anything else. */
  inc(value: number | null = 1): void {
    // Kept short, so that V8 inlines it into a decorator's wrapper.
    if (typeof value === 'number') this.cells[this.index] += value + 0;
    else add(this.cells, this.index, value ?? 1, 1, this.family);
  }

  /** Subtracts `value`, 1 by default. Throws ValueError for anything else. */
  dec(value: number | null = 1): void {
    if (typeof value === 'number') this.cells[this.index] += 0 - value;
    else add(this.cells, this.index, value ?? 1, -1, this.family);
  }

  /** Sets the value to the current time in seconds since the epoch. */
  setToCurrentTime(): void {
    this.cells[this.index] = Date.now() / 1000;
  }

  /** Starts a timer; stopping it sets the series to the elapsed seconds. */
  startTimer(): Timer<string> {
    return startTimer(this);
  }

  /** @internal */
  recordSeconds(seconds: number, _labels: object | undefined, more: object | undefined): void {
    if (more === undefined) this.set(seconds);
    else this.family.siblingOf(this, more).set(seconds);
  }

  /** Calls `body`, sync or async, and sets the series to the seconds that it took, even if it fails. */
  time<R>(body: () => R): R;
  /** Without a body: a decorator that does the same with each call of a method. */
  time<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  time(body?: () => unknown, more?: unknown): unknown {
    checkBody(this?.family, 'time', body, more);
    if (body === undefined) return timeDecorator(this.family, (seconds) => this.set(seconds));
    const stop = this.startTimer();
    return settle(body, () => void stop());
  }

  /** Adds 1 while `body` runs: until it returns or throws, or until its promise is settled. */
  trackInProgress<R>(body: () => R): R;
  /** Without a body: a decorator that does the same with each call of a method. */
  trackInProgress<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  trackInProgress(body?: () => unknown, more?: unknown): unknown {
    checkBody(this?.family, 'trackInProgress', body, more);
    const begin = (): number => {
      this.inc();
      return this.epoch;
    };
    const end = (epoch: number): void => {
      if (this.epoch === epoch) this.dec();
    };
    if (body === undefined) return progressDecorator(this.family, begin, end);
    const epoch = begin();
    return settle(body, () => end(epoch));
  }

  /** Reads the value from a function, which is called before every page. `undefined` removes the function. */
  setFunction(source: (() => number) | undefined): void {
    if (source === undefined || this.row < 0) this.sources.delete(this);
    else if (typeof source === 'function') {
      this.family.announceRefresh?.();
      this.sources.set(this, () => this.set(source()));
    } else this.refuseSource(source);
  }

  /** @internal */
  [INSPECT](): string {
    return inspectChild(this.family, this.row);
  }

  private refuseSource(source: unknown): never {
    throw new ValueError(`Gauge "${this.family.name}" must take its value from a function, got ${show(source)}.`);
  }
}

/** One series of a gauge that is merged by its most recent value, and therefore stores when it was set. */
export class TimedGaugeChild extends GaugeChild {
  override set(value: number): void {
    super.set(value);
    stamp(this.cells, this.index);
  }

  override inc(value?: number | null): void {
    super.inc(value);
    stamp(this.cells, this.index);
  }

  override dec(value?: number | null): void {
    super.dec(value);
    stamp(this.cells, this.index);
  }

  override setToCurrentTime(): void {
    this.set(Date.now() / 1000);
  }
}

/** Stores when a series was set. The tick orders threads and processes that set it within the same millisecond. */
function stamp(cells: Float64Array, index: number): void {
  cells[index + TIME] = Date.now();
  // All threads and processes of a machine share this clock. A double holds its nanoseconds exactly for 104 days of
  // uptime.
  const [seconds, nanoseconds] = process.hrtime();
  cells[index + TICK] = seconds * 1e9 + nanoseconds;
}

// -0 marks a cell that was never set, so a caller's -0 is stored as 0.

export function set(cells: Float64Array, index: number, value: unknown, family: Recording): void {
  if (typeof value === 'number') cells[index] = value + 0;
  else refuse(value, family);
}

export function add(cells: Float64Array, index: number, value: unknown, sign: 1 | -1, family: Recording): void {
  if (typeof value === 'number') cells[index] += sign * value + 0;
  else refuse(value, family);
}

export function setTimed(cells: Float64Array, index: number, value: unknown, family: Recording): void {
  set(cells, index, value, family);
  stamp(cells, index);
}

export function addTimed(cells: Float64Array, index: number, value: unknown, sign: 1 | -1, family: Recording): void {
  add(cells, index, value, sign, family);
  stamp(cells, index);
}

function refuse(value: unknown, { name }: Recording): never {
  throw new ValueError(`Gauge "${name}": value must be a number, got ${show(value)}.`);
}

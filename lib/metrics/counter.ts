import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import { settle } from '../calls/settle.js';
import { show, ValueError } from '../model/errors.js';
import type {
  CurriedLabels,
  LabelName,
  LabelSpec,
  Labels,
  NoLabels,
  RecordingArguments,
  WithoutLabels,
} from '../model/labels.js';
import { ONE_LINE } from '../model/live-family.js';
import type { OptionNames } from '../model/options.js';
import {
  carriesExemplar,
  type ExemplarLabels,
  hasExemplarSource,
  isWithExemplar,
  type KeepExemplar,
  type WithExemplar,
} from './exemplars.js';
import { type Child, type Curried, Family } from './family.js';
import { inspectChild } from './inspect.js';
import { NO_LABELS } from './label-reader.js';
import { failureDecorator } from './method-decorators.js';
import { COMMON_OPTIONS, type MetricConfig } from './metric-config.js';
import type { FamilyPlan } from './published-family.js';
import { activeExemplar, checkBody, INSPECT, type Recording } from './recording.js';

/** Options of a Counter. */
export interface CounterConfig<L extends LabelSpec> extends MetricConfig<L, Counter<L>> {}

const OPTIONS: OptionNames<CounterConfig<LabelSpec>> = COMMON_OPTIONS;
const PLAIN: FamilyPlan = { type: 'counter', options: OPTIONS, width: 1, shape: ONE_LINE, transientChildren: true };
const WITH_EXEMPLARS: FamilyPlan = { ...PLAIN, transientChildren: false };

/** An increment together with an exemplar. */
export type IncWithExemplar<L extends LabelSpec> =
  | { readonly labels: Labels<L>; readonly value?: number; readonly exemplarLabels?: ExemplarLabels }
  | { readonly labels?: Labels<L>; readonly value?: number; readonly exemplarLabels: ExemplarLabels };

/**
 * A value that only goes up: requests, errors, bytes sent. Its name should end in `_total`.
 *
 * @example
 * const requests = new Counter({ name: 'http_requests_total', help: 'HTTP requests', labelNames: ['method', 'code'] });
 * requests.inc({ method: 'GET', code: 200 });
 * const gets = requests.labels('GET', 200); // hot? keep it
 * gets.inc();
 */
export class Counter<L extends LabelSpec = NoLabels> extends Family<L, CounterChild> {
  constructor(config: CounterConfig<L>) {
    super(config, config?.enableExemplars === true ? WITH_EXEMPLARS : PLAIN);
    this.register();
  }

  /**
   * Adds `value`, 1 by default. Throws ValueError if it is negative or not finite, and LabelError for labels that the family
   * does not have. An exemplar, such as `{ trace_id }`, is kept if `enableExemplars` is set.
   */
  inc(
    ...increment: RecordingArguments<
      L,
      [labels: Labels<L> | IncWithExemplar<L>, value?: number, exemplar?: ExemplarLabels],
      [value?: number | null, exemplar?: ExemplarLabels]
    >
  ): void;
  inc(first?: number | object | null, second?: number | ExemplarLabels, exemplar?: ExemplarLabels): void {
    if (typeof first !== 'object' || first === null) {
      const child = this.unlabeled ?? this.unlabeledChild();
      if (typeof second === 'object' && second !== null) child.inc(first ?? 1, second);
      else child.inc(first ?? second ?? 1, exemplar);
    } else if (this.enableExemplars) this.incWithExemplar(first, second, exemplar);
    else {
      const row = this.labelReader.rowOf(first);
      const { cells, origin } = this.rows.blockAt(row);
      const increment: unknown = second ?? 1;
      // Strings and booleans would pass the comparisons, and adding a string would concatenate.
      if (typeof increment === 'number' && increment >= 0 && increment < Infinity) cells[origin + row] += increment;
      else refuse(increment, this);
    }
  }

  private incWithExemplar(
    first: object,
    second: number | ExemplarLabels | undefined,
    exemplar: ExemplarLabels | undefined,
  ): void {
    if (second === undefined && carriesExemplar(first, this.labelNames)) {
      const { labels, value, exemplarLabels } = first as IncWithExemplar<L>;
      this.child(labels ?? NO_LABELS).inc(value, exemplarLabels);
    } else this.child(first).inc(second as number | undefined, exemplar);
  }

  /** Calls `body` and adds 1 if it throws or its promise is rejected. The error passes on to the caller. */
  countExceptions<R>(body: () => R): R;
  /** Without a body: a decorator that does the same with each call of a method, `@failures.countExceptions() job() {}`. */
  countExceptions<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  countExceptions(body?: () => unknown, more?: unknown): unknown {
    checkBody(this, 'countExceptions', body, more);
    return (this.unlabeled ?? this.unlabeledChild()).countExceptions(body as () => unknown);
  }

  /**
   * Returns this metric with some labels already set: recording takes only the others, and saves a look-up for each one
   * that is set. Both share their series; one that was removed is added again by the next recording. Throws LabelError
   * for an unknown label.
   *
   * @example const users = requests.curry({ route: '/users' }); users.inc({ method: 'GET' });
   */
  curry<K extends LabelName<L>>(labels: CurriedLabels<L, K>): Curried<Counter<WithoutLabels<L, K>>> {
    return this.curried(labels) as Curried<Counter<WithoutLabels<L, K>>>;
  }

  /** @internal */
  override makeChild(row: number): CounterChild {
    const { cells, index } = this.rows.at(row);
    return this.keepExemplar === undefined
      ? new CounterChild(this, row, cells, index)
      : new CounterChildWithExemplars(this.keepExemplar, this, row, cells, index);
  }
}

/** prom-client's names for types. */
export declare namespace Counter {
  type Internal = Pick<CounterChild, 'inc'>;
}

/** One series of a Counter. */
export class CounterChild implements Child {
  /** @internal */
  pinned = false;

  constructor(
    private readonly family: Recording,
    /** @internal */
    public row: number,
    /** @internal */
    public cells: Float64Array,
    /** @internal */
    public index: number,
  ) {}

  /**
   * Adds `value`, 1 by default. Throws ValueError if it is negative or not finite. An exemplar, such as `{ trace_id }`, is
   * kept if `enableExemplars` is set.
   */
  inc(value?: number | null, exemplar?: ExemplarLabels): void;
  inc(increment: WithExemplar): void;
  inc(value?: number | WithExemplar | null, _exemplar?: ExemplarLabels): void {
    const increment: unknown = value ?? 1;
    // As in `Counter.inc`. In a function that both call, it takes a third longer on Node 26.
    if (typeof increment === 'number' && increment >= 0 && increment < Infinity) this.cells[this.index] += increment;
    else refuse(increment, this.family);
  }

  /** @internal */
  [INSPECT](): string {
    return inspectChild(this.family, this.row);
  }

  /** Calls `body` and adds 1 if it throws or its promise is rejected. The error passes on to the caller. */
  countExceptions<R>(body: () => R): R;
  /** Without a body: a decorator that does the same with each call of a method. */
  countExceptions<This, V extends AnyMethod>(): TypedMethodDecorator<This, V>;
  countExceptions(body?: () => unknown, more?: unknown): unknown {
    checkBody(this?.family, 'countExceptions', body, more);
    if (body === undefined) return failureDecorator(this.family, (exemplar) => this.inc(1, exemplar));
    const active = activeExemplar(this.family);
    return settle(body, (failed) => {
      if (failed) this.inc(1, active);
    });
  }
}

/**
 * One series of a Counter with `enableExemplars`. A class of its own, so that other counters do not pay for exemplars.
 */
class CounterChildWithExemplars extends CounterChild {
  constructor(
    private readonly keep: KeepExemplar<CounterChild>,
    ...plain: ConstructorParameters<typeof CounterChild>
  ) {
    super(...plain);
  }

  override inc(value?: number | WithExemplar | null, exemplar?: ExemplarLabels): void {
    if (isWithExemplar(value)) {
      this.inc(value.value, value.exemplarLabels);
      return;
    }
    // `super.inc` refuses anything but a number.
    const increment = (value ?? 1) as number;
    super.inc(increment);
    if (exemplar !== undefined || hasExemplarSource()) this.keep(this, 0, increment, exemplar);
  }
}

function refuse(value: unknown, { name }: Recording): never {
  throw new ValueError(
    `Counter "${name}": increment must be a finite number of 0 or more, got ${show(value)}. ` +
      'For values that also go down, use a Gauge.',
  );
}

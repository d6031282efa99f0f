import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import { Counter } from '../metrics/counter.js';
import { Gauge } from '../metrics/gauge.js';
import { Histogram } from '../metrics/histogram.js';
import type { NativeOptions } from '../metrics/native/options.js';
import { Summary } from '../metrics/summary.js';
import { ConfigError, show, ValueError } from '../model/errors.js';
import type { LabelSpec } from '../model/labels.js';
import { type FamilyKind, familySource } from './family-source.js';
import type { Call } from './labels.js';
import { markMethod } from './mark.js';
import type { FamilyOptions, TargetOptions } from './options.js';
import { type SeenCall, seenCall } from './reading.js';
import { EndRecorder, type RecorderKit } from './recorder.js';
import type { Recordable, RecordableFamily } from './series.js';
import type { Node } from './series-tree.js';
import { MarkSite } from './site.js';
import { targetOf } from './target.js';

/** Which number `@Observe` records of a call. */
export interface ObservedValue<This, V extends AnyMethod> {
  /**
   * A function of the arguments (its `this` is the method's), or an object with a function of the whole call. Called
   * after a call that did not fail.
   */
  readonly value: ((this: This, ...args: Parameters<V>) => number) | { readonly of: (call: Call<This, V>) => number };
}

/** What `@Observe` can be told where it makes its family. */
export interface ObserveOptions<This, V extends AnyMethod> extends FamilyOptions<This, V>, ObservedValue<This, V> {
  readonly name: string;
  /** What the number is recorded on. A counter goes up by it, a gauge is set to it. Default: `histogram`. */
  readonly type?: 'histogram' | 'summary' | 'gauge' | 'counter';
  /** A histogram's upper bounds, rising. Default: 0.005 to 10, which suits seconds. */
  readonly buckets?: readonly number[] | false;
  /** Whether a histogram has exponential buckets as well. Default: false. */
  readonly native?: boolean | NativeOptions;
  /** A summary's ranks, from 0 to 1. Default: 0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999. */
  readonly percentiles?: readonly number[];
  /** How far back a summary's quantiles look, in seconds. Default: to the beginning. */
  readonly maxAgeSeconds?: number;
  /** In how many steps a summary's window moves. Default: 5. */
  readonly ageBuckets?: number;
}

/** What `@Observe` is told where it records on a metric of the user's. */
export interface ObserveTargetOptions<This, V extends AnyMethod, L extends LabelSpec>
  extends TargetOptions<This, V, L>,
    ObservedValue<This, V> {}

const BASE: FamilyKind = {
  decorator: 'Observe',
  make: Histogram,
  type: 'histogram',
  name: '',
  help: 'A number of each method call',
  labelNames: [],
  added: [],
  passed: ['buckets', 'native'],
};

const KINDS: Readonly<Record<string, FamilyKind>> = {
  histogram: BASE,
  summary: {
    ...BASE,
    make: Summary,
    type: 'summary',
    passed: ['percentiles', 'maxAgeSeconds', 'ageBuckets', 'pruneAgedBuckets'],
  },
  gauge: { ...BASE, make: Gauge, type: 'gauge', passed: ['aggregate'] },
  counter: { ...BASE, make: Counter, type: 'counter', passed: [] },
};

/**
 * Records a number of each call that does not fail: the size of an order, the rows that a query found. A number that
 * is not finite is dropped and counted in `promark_instrumentation_errors_total`.
 *
 * With options that have a `name`: a histogram (or another `type`) of that name with the labels in `labels`. With a
 * metric: a Histogram or Summary observes the number, a Gauge is set to it, a Counter goes up by it.
 *
 * Throws ConfigError or ConflictError when the class is defined, for options that cannot be used; a call is never
 * affected.
 *
 * @example
 * class Shop {
 *   @Observe({ name: 'order_items', buckets: [1, 5, 20], value: (order) => order.items.length })
 *   order(order: Order) {}
 *
 *   @Observe(rows, { value: { of: (call) => call.result?.length ?? 0 } })
 *   async search(query: Query): Promise<Row[]> {}
 * }
 */
export function Observe<This, V extends AnyMethod, const L extends LabelSpec>(
  metric: Histogram<L> | Summary<L> | Gauge<L> | Counter<L>,
  options: ObserveTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function Observe<This, V extends AnyMethod>(options: ObserveOptions<This, V>): TypedMethodDecorator<This, V>;
export function Observe(first?: unknown, second?: unknown): (...on: unknown[]) => void {
  const target = targetOf('Observe', ['histogram', 'summary', 'gauge', 'counter'], first, second);
  const { options, metric } = target;
  const kind = KINDS[(options.type as string | undefined) ?? 'histogram'];
  if (kind === undefined) {
    throw new ConfigError(
      `@Observe(): the option "type" is 'histogram', 'summary', 'gauge' or 'counter', not ${show(options.type)}.`,
    );
  }
  if (metric === undefined && options.name === undefined) {
    throw new ConfigError('@Observe() has no default family: give it a name, or a metric that you made.');
  }
  const value = readerOf(options.value);
  const source = familySource(kind, target);
  return (...on) =>
    markMethod('Observe', on, (member) => {
      return new ObserveSite(
        { decorator: 'Observe', member, source, options, own: ['class', 'method', 'result', 'exception'] },
        value,
      );
    });
}

type Value = (call: SeenCall) => unknown;

interface Amount extends Recordable {
  observe(value: number): void;
  set(value: number): void;
  inc(value: number): void;
}

class ObserveSite extends MarkSite<Amount> {
  constructor(
    plan: ConstructorParameters<typeof MarkSite<Amount>>[0],
    private readonly value: Value,
  ) {
    super(plan);
  }

  protected override make(kit: RecorderKit<Amount>, { type }: RecordableFamily<Amount>): Observations {
    return new Observations(kit, this.value, type === 'gauge' ? 'set' : type === 'counter' ? 'inc' : 'observe');
  }
}

class Observations extends EndRecorder<Amount> {
  constructor(
    kit: RecorderKit<Amount>,
    private readonly value: Value,
    private readonly act: 'observe' | 'set' | 'inc',
  ) {
    super(kit);
  }

  override leave(
    _mark: number,
    ending: Ending,
    outcome: unknown,
    spot?: Node<Amount>,
    self?: unknown,
    args?: readonly unknown[],
  ): void {
    if (ending !== 'ok') return;
    const value = this.value(seenCall(self, args, ending, outcome));
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new ValueError(`the value of a call is a finite number, not ${show(value)}.`);
    }
    this.seriesOf(ending, outcome, spot, self, args)?.[this.act](value);
  }

  override begin(): void {
    this.kit.tree.only?.usual();
  }
}

function readerOf(value: unknown): Value {
  if (typeof value === 'function') return ({ self, args }) => Reflect.apply(value, self, args) as unknown;
  const { of } = (value ?? {}) as { readonly of?: unknown };
  if (typeof of === 'function') return of as Value;
  throw new ConfigError(
    `@Observe() needs a value: a function of the arguments or { of: (call) => … }, not ${show(value)}.`,
  );
}

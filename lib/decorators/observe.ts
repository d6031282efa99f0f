import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import { returned } from '../calls/returned.js';
import { Counter } from '../metrics/counter.js';
import type { ExemplarLabels } from '../metrics/exemplars.js';
import { Gauge } from '../metrics/gauge.js';
import { Histogram } from '../metrics/histogram.js';
import { Summary } from '../metrics/summary.js';
import type { GaugeMerge } from '../model/combination.js';
import { ConfigError, show, ValueError } from '../model/errors.js';
import type { LabelSpec } from '../model/labels.js';
import { checkOptions, rule } from '../model/options.js';
import { type ArgumentRules, decoratorFamily, type FamilyKind, readArguments } from './decorator-family.js';
import {
  type Call,
  DISTRIBUTION_RULES,
  type DistributionOptions,
  ENDS_RULES,
  type EndsOption,
  FAMILY_RULES,
  type FamilyOptions,
  HISTOGRAM_OPTIONS,
  SUMMARY_OPTIONS,
  TARGET_RULES,
  type TargetOptions,
} from './decorator-options.js';
import { decorateMethod, MethodInstrumentation, type MethodSteps } from './instrumentation.js';
import { handled, type SeenCall, seenCall } from './label-plan.js';
import type { Recordable, RecordableFamily, TrieNode } from './label-trie.js';
import { CompletionRecorder, type RecorderKit } from './recorders.js';

/** The number that `@Observe` records for a call. */
export interface ObservedValue<This, V extends AnyMethod> {
  /**
   * A function of the arguments, called with the method's `this`, or an object with a function of the whole call.
   * Called after each successful call.
   */
  readonly value: ((this: This, ...args: Parameters<V>) => number) | { readonly of: (call: Call<This, V>) => number };
}

/** Options of `@Observe` without a metric. */
export interface ObserveOptions<This, V extends AnyMethod>
  extends FamilyOptions<This, V>,
    EndsOption,
    ObservedValue<This, V>,
    DistributionOptions {
  readonly name: string;
  /** The type of metric. A counter is incremented by the number, a gauge is set to it. Default: `histogram`. */
  readonly type?: 'histogram' | 'summary' | 'gauge' | 'counter';
  /** How the values of several processes are merged, for a gauge. Default: `all`. */
  readonly aggregate?: GaugeMerge;
}

/** Options of `@Observe` with a metric. */
export interface ObserveTargetOptions<This, V extends AnyMethod, L extends LabelSpec>
  extends TargetOptions<This, V, L>,
    EndsOption,
    ObservedValue<This, V> {}

const BASE: FamilyKind = {
  decorator: 'Observe',
  make: Histogram,
  type: 'histogram',
  name: '',
  help: 'A number of each method call',
  labelNames: [],
  added: [],
  passed: HISTOGRAM_OPTIONS,
};

const KINDS: Readonly<Record<string, FamilyKind>> = {
  histogram: BASE,
  summary: {
    ...BASE,
    make: Summary,
    type: 'summary',
    passed: SUMMARY_OPTIONS,
  },
  gauge: { ...BASE, make: Gauge, type: 'gauge', passed: ['aggregate'] },
  counter: { ...BASE, make: Counter, type: 'counter', passed: [] },
};

const CHOICE = { ...ENDS_RULES, value: rule.any };

const RULES: ArgumentRules<ObserveOptions<object, AnyMethod>, ObserveTargetOptions<object, AnyMethod, string>> = {
  create: {
    ...FAMILY_RULES,
    ...CHOICE,
    ...DISTRIBUTION_RULES,
    type: rule.oneOf('histogram', 'summary', 'gauge', 'counter'),
    aggregate: rule.any,
  },
  use: { ...TARGET_RULES, ...CHOICE },
};

/**
 * Records a number for each successful call, such as the size of an order or the rows that a query found. A number that
 * is not finite is dropped, and counted in `promark_instrumentation_errors_total`.
 *
 * With a `name`, it uses a histogram (or another `type`) of that name with the labels in `labels`. With a metric: a
 * Histogram or Summary observes the number, a Gauge is set to it, a Counter is incremented by it.
 *
 * Throws ConfigError or ConflictError when the class is defined, if the options are invalid. Calls never fail because of
 * it.
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
export function Observe<This, V extends AnyMethod, L extends LabelSpec>(
  metric: Histogram<L> | Summary<L> | Gauge<L> | Counter<L>,
  options: ObserveTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function Observe<This, V extends AnyMethod>(options: ObserveOptions<This, V>): TypedMethodDecorator<This, V>;
export function Observe(...args: unknown[]): (...on: unknown[]) => void {
  const target = readArguments('Observe', ['histogram', 'summary', 'gauge', 'counter'], args, RULES);
  const { options, metric } = target;
  const kind = KINDS[(options.type as string | undefined) ?? 'histogram'];
  if (metric === undefined && options.name === undefined) {
    throw new ConfigError('@Observe() has no default family: pass it a name or a metric.');
  }
  const value = numberOf(options.value);
  const family = decoratorFamily(kind, target);
  return (...on) =>
    decorateMethod('Observe', on, (member) => {
      return new ObserveInstrumentation({
        decorator: 'Observe',
        member,
        family,
        options: { ...options, value },
        own: ['class', 'method', 'result', 'exception'],
      });
    });
}

type NumberOfCall = (call: SeenCall) => unknown;

interface Amount extends Recordable {
  observe(value: number, exemplar?: ExemplarLabels): void;
  set(value: number): void;
  inc(value: number, exemplar?: ExemplarLabels): void;
}

const STEPS: MethodSteps = {
  known: (instrumentation, self) => instrumentation.known(self),
  open: (instrumentation, self) => instrumentation.open(self)?.recorder(),
  enter: (recorder) => recorder.enter(),
  succeed: (recorder, token, result, node) => recorder.succeed(token, result, node),
  returned: (result, recorder, token, node) => returned(result, recorder, token, node),
};

class ObserveInstrumentation extends MethodInstrumentation<Amount> {
  override readonly steps = STEPS;

  protected override makeRecorders(kit: RecorderKit<Amount>, { type }: RecordableFamily<Amount>): ValueRecorder {
    return new ValueRecorder(
      kit,
      this.options.value as NumberOfCall,
      type === 'gauge' ? 'set' : type === 'counter' ? 'inc' : 'observe',
    );
  }
}

class ValueRecorder extends CompletionRecorder<Amount> {
  constructor(
    kit: RecorderKit<Amount>,
    private readonly value: NumberOfCall,
    private readonly act: 'observe' | 'set' | 'inc',
  ) {
    super(kit);
  }

  override leave(
    _token: number,
    ending: Ending,
    outcome: unknown,
    node?: TrieNode<Amount>,
    self?: unknown,
    args?: readonly unknown[],
    exemplar?: ExemplarLabels,
  ): void {
    if (ending !== 'ok') return;
    const value = handled(this.value(seenCall(self, args, ending, outcome)));
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new ValueError(`the value of a call must be a finite number, got ${show(value)}.`);
    }
    this.seriesOf(ending, outcome, node, self, args)?.[this.act](value, exemplar);
  }

  override makeKnownSeries(): void {
    this.kit.trie.only?.success();
  }
}

function numberOf(value: unknown): NumberOfCall {
  if (typeof value === 'function') return ({ self, args }) => Reflect.apply(value, self, args) as unknown;
  const { of } = (value ?? {}) as { readonly of?: unknown };
  if (typeof of === 'function') {
    checkOptions<{ of: unknown }>('@Observe(): option value', value, { of: rule.function });
    return of as NumberOfCall;
  }
  throw new ConfigError(
    `@Observe(): option "value" must be a function of the arguments or { of: (call) => … }, got ${show(value)}.`,
  );
}

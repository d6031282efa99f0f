import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import type { Recorder } from '../calls/recorder.js';
import { returned } from '../calls/returned.js';
import { Counter, type CounterChild } from '../metrics/counter.js';
import type { ExemplarLabels } from '../metrics/exemplars.js';
import { ConfigError } from '../model/errors.js';
import type { LabelSpec } from '../model/labels.js';
import type { Objective } from '../model/method-registrations.js';
import { rule } from '../model/options.js';
import { type ArgumentRules, decoratorFamily, type FamilyKind, readArguments } from './decorator-family.js';
import {
  ENDING_RULES,
  type EndingOptions,
  FAMILY_RULES,
  type FamilyOptions,
  TARGET_RULES,
  type TargetOptions,
} from './decorator-options.js';
import { type DecoratorUse, decorateMethod, MethodInstrumentation, type MethodSteps } from './instrumentation.js';
import type { TrieNode } from './label-trie.js';
import { CompletionRecorder, EntryRecorder, type RecorderKit } from './recorders.js';

/** Which calls `@Counted` counts, and when. */
export interface CountedChoice {
  /** Counts only calls that end like this. Default: all. */
  readonly only?: 'ok' | 'error';
  /**
   * `entry` counts a call when it begins, regardless of how it ends; the family then has no labels `result` and
   * `exception`. Default: `end`.
   */
  readonly when?: 'entry' | 'end';
  /** The method's objective: listed in the registry's manifest, for rules and dashboards. */
  readonly objective?: Omit<Objective, 'latency'>;
}

/** Options of `@Counted` without a metric. */
export interface CountedOptions<This, V extends AnyMethod>
  extends FamilyOptions<This, V>,
    EndingOptions<This, V>,
    CountedChoice {
  /** Adds a label `exception` with the error's name. Requires a `name`. Default: false. */
  readonly exception?: boolean;
}

/** Options of `@Counted` with a metric. */
export interface CountedTargetOptions<This, V extends AnyMethod, L extends LabelSpec>
  extends TargetOptions<This, V, L>,
    EndingOptions<This, V>,
    CountedChoice {}

const KIND: FamilyKind = {
  decorator: 'Counted',
  make: Counter,
  type: 'counter',
  name: 'method_calls_total',
  help: 'Method calls',
  labelNames: ['class', 'method', 'result', 'exception'],
  added: ['result'],
  passed: [],
};

const CHOICE = {
  ...ENDING_RULES,
  only: rule.oneOf('ok', 'error'),
  when: rule.oneOf('entry', 'end'),
  objective: rule.any,
};

const RULES: ArgumentRules<CountedOptions<object, AnyMethod>, CountedTargetOptions<object, AnyMethod, string>> = {
  create: { ...FAMILY_RULES, ...CHOICE, exception: rule.boolean },
  use: { ...TARGET_RULES, ...CHOICE },
};

/**
 * Counts calls of the method, once each, when they end: a promise at its settlement, a generator at its end.
 *
 * Without arguments it uses the counter `method_calls_total{class,method,result,exception}`; with a `name`, a counter of
 * that name with the label `result` (`ok`, `error`, `cancelled`) and those in `labels`; with a Counter, that one.
 *
 * Throws ConfigError or ConflictError when the class is defined, if the options are invalid. Calls never fail because of
 * it.
 *
 * @example
 * class Shop {
 *   @Counted({ name: 'orders_total', labels: { tier: (order) => order.tier } })
 *   async order(order: Order) {}
 * }
 */
export function Counted<This, V extends AnyMethod, L extends LabelSpec>(
  metric: Counter<L>,
  options?: CountedTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function Counted<This, V extends AnyMethod>(options?: CountedOptions<This, V>): TypedMethodDecorator<This, V>;
export function Counted(...args: unknown[]): (...on: unknown[]) => void {
  const target = readArguments('Counted', ['counter'], args, RULES);
  const { options } = target;
  checkChoice(options);
  const onEntry = options.when === 'entry';
  const family = decoratorFamily(onEntry ? { ...KIND, added: [] } : KIND, target);
  return (...on) =>
    decorateMethod('Counted', on, (member) => {
      const use: DecoratorUse = {
        decorator: 'Counted',
        member,
        family,
        options,
        own: onEntry ? ['class', 'method'] : ['class', 'method', 'result', 'exception'],
        // On entry it is unknown how the call will end. Empty labels are not printed.
        empty: onEntry && family.shared ? ['result', 'exception'] : [],
      };
      return onEntry ? new EntryInstrumentation(use) : new CountedInstrumentation(use);
    });
}

const STEPS: MethodSteps = {
  known: (instrumentation, self) => instrumentation.known(self),
  open: (instrumentation, self) => instrumentation.open(self)?.recorder(),
  enter: (recorder) => recorder.enter(),
  succeed: (recorder, token, result, node) => recorder.succeed(token, result, node),
  returned: (result, recorder, token, node) => returned(result, recorder, token, node),
};

class CountedInstrumentation extends MethodInstrumentation<CounterChild> {
  override readonly steps = STEPS;

  protected override makeRecorders(kit: RecorderKit<CounterChild>): CallCounter {
    return new CallCounter(kit, this.options.only as Ending | undefined);
  }
}

class CallCounter extends CompletionRecorder<CounterChild> {
  constructor(
    kit: RecorderKit<CounterChild>,
    private readonly only: Ending | undefined,
  ) {
    super(kit, only !== 'error');
  }

  override leave(
    _token: number,
    ending: Ending,
    outcome: unknown,
    node?: TrieNode<CounterChild>,
    self?: unknown,
    args?: readonly unknown[],
    exemplar?: ExemplarLabels,
  ): void {
    this.seriesOf(ending, outcome, node, self, args)?.inc(1, exemplar);
  }

  override succeed(_token: number, _result: unknown, node?: TrieNode<CounterChild>): boolean {
    const series = this.knownSeries(node);
    if (series === undefined) return false;
    // Not `inc()`, which also looks for an exemplar: V8 has no room to inline that here.
    series.cells[series.index] += 1;
    return true;
  }

  protected override records(ending: Ending): boolean {
    return this.only === undefined || ending === this.only;
  }
}

class EntryInstrumentation extends MethodInstrumentation<CounterChild> {
  override readonly steps = STEPS;

  protected override makeRecorders(kit: RecorderKit<CounterChild>): EntryRecorder<CounterChild> {
    return new EntryRecorder(kit, (series) => new EntryCounter(series, kit.report));
  }
}

class EntryCounter implements Recorder {
  constructor(
    private readonly series: CounterChild,
    readonly fault: (error: unknown) => void,
  ) {}

  enter(): number {
    this.series.inc();
    return 0;
  }

  pause(): void {}

  resume(): number {
    return 0;
  }

  leave(): void {}

  succeed(): boolean {
    return true;
  }
}

function checkChoice({ only, when }: Readonly<Record<string, unknown>>): void {
  if (when === 'entry' && only !== undefined) {
    throw new ConfigError(
      `@Counted(): option "only" cannot be combined with when: 'entry', because on entry it is unknown how a call will end.`,
    );
  }
}

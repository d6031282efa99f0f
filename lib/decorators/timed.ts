import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import { returned } from '../calls/returned.js';
import type { ExemplarLabels } from '../metrics/exemplars.js';
import type { Gauge } from '../metrics/gauge.js';
import { Histogram } from '../metrics/histogram.js';
import { Summary } from '../metrics/summary.js';
import type { LabelSpec } from '../model/labels.js';
import type { Objective } from '../model/method-registrations.js';
import { rule } from '../model/options.js';
import { type ArgumentRules, decoratorFamily, type FamilyKind, readArguments } from './decorator-family.js';
import {
  DISTRIBUTION_RULES,
  type DistributionOptions,
  ENDING_RULES,
  type EndingOptions,
  FAMILY_RULES,
  type FamilyOptions,
  HISTOGRAM_OPTIONS,
  SUMMARY_OPTIONS,
  TARGET_RULES,
  type TargetOptions,
} from './decorator-options.js';
import { decorateMethod, MethodInstrumentation, type MethodSteps } from './instrumentation.js';
import type { Recordable, RecordableFamily, TrieNode } from './label-trie.js';
import { CompletionRecorder, type RecorderKit } from './recorders.js';

/** Options of `@Timed` without a metric. */
export interface TimedOptions<This, V extends AnyMethod>
  extends FamilyOptions<This, V>,
    EndingOptions<This, V>,
    DistributionOptions {
  /** Whether to record buckets, which can be added up over processes, or quantiles. Default: `histogram`. */
  readonly type?: 'histogram' | 'summary';
  /** Adds a label `exception` with the error's name. Requires a `name`. Default: false. */
  readonly exception?: boolean;
  /** The method's objective: listed in the registry's manifest, for rules and dashboards. The latency must be a bucket. */
  readonly objective?: Objective;
}

/** Options of `@Timed` with a metric. */
export interface TimedTargetOptions<This, V extends AnyMethod, L extends LabelSpec>
  extends TargetOptions<This, V, L>,
    EndingOptions<This, V> {
  /** The method's objective: listed in the registry's manifest, for rules and dashboards. The latency must be a bucket. */
  readonly objective?: Objective;
}

const HISTOGRAM: FamilyKind = {
  decorator: 'Timed',
  make: Histogram,
  type: 'histogram',
  name: 'method_duration_seconds',
  help: 'Duration of method calls in seconds',
  labelNames: ['class', 'method', 'result'],
  added: ['result'],
  passed: HISTOGRAM_OPTIONS,
};

const SUMMARY: FamilyKind = {
  ...HISTOGRAM,
  make: Summary,
  type: 'summary',
  passed: SUMMARY_OPTIONS,
};

const CHOICE = { ...ENDING_RULES, objective: rule.any };

const RULES: ArgumentRules<TimedOptions<object, AnyMethod>, TimedTargetOptions<object, AnyMethod, string>> = {
  create: {
    ...FAMILY_RULES,
    ...CHOICE,
    ...DISTRIBUTION_RULES,
    type: rule.oneOf('histogram', 'summary'),
    exception: rule.boolean,
  },
  use: { ...TARGET_RULES, ...CHOICE },
};

/**
 * Measures the duration of the method's calls in seconds, on a monotonic clock, and whether they fail. A promise is
 * measured until its settlement, a generator from its first `next` to its end.
 *
 * Without arguments it uses the histogram `method_duration_seconds{class,method,result}`; with a `name`, a histogram or
 * summary of that name with the label `result` (`ok`, `error`, `cancelled`) and those in `labels`; with a Histogram or
 * Summary, that one. A Gauge is set to the duration of the last call.
 *
 * Throws ConfigError or ConflictError when the class is defined, if the options are invalid. Calls never fail because of
 * it.
 *
 * @example
 * class Shop {
 *   @Timed()
 *   async order(order: Order) {}
 *
 *   @Timed({ name: 'search_seconds', buckets: [0.1, 0.3, 1], labels: { kind: (query) => query.kind } })
 *   search(query: Query) {}
 * }
 */
export function Timed<This, V extends AnyMethod, L extends LabelSpec>(
  metric: Histogram<L> | Summary<L> | Gauge<L>,
  options?: TimedTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function Timed<This, V extends AnyMethod>(options?: TimedOptions<This, V>): TypedMethodDecorator<This, V>;
export function Timed(...args: unknown[]): (...on: unknown[]) => void {
  const target = readArguments('Timed', ['histogram', 'summary', 'gauge'], args, RULES);
  const { options } = target;
  const family = decoratorFamily(options.type === 'summary' ? SUMMARY : HISTOGRAM, target);
  return (...on) =>
    decorateMethod('Timed', on, (member) => {
      return new TimedInstrumentation({
        decorator: 'Timed',
        member,
        family,
        options,
        own: ['class', 'method', 'result', 'exception'],
      });
    });
}

interface Observable extends Recordable {
  observe(seconds: number, exemplar?: ExemplarLabels): void;
}

interface Settable extends Recordable {
  set(seconds: number): void;
}

const STEPS: MethodSteps = {
  known: (instrumentation, self) => instrumentation.known(self),
  open: (instrumentation, self) => instrumentation.open(self)?.recorder(),
  enter: (recorder) => recorder.enter(),
  succeed: (recorder, token, result, node) => recorder.succeed(token, result, node),
  returned: (result, recorder, token, node) => returned(result, recorder, token, node),
};

/** Separate for summaries, which would exceed V8's limits for inlining. */
const SUMMARY_STEPS: MethodSteps = {
  known: (instrumentation, self) => instrumentation.known(self),
  open: (instrumentation, self) => instrumentation.open(self)?.recorder(),
  enter: (recorder) => recorder.enter(),
  succeed: (recorder, token, result, node) => recorder.succeed(token, result, node),
  returned: (result, recorder, token, node) => returned(result, recorder, token, node),
};

class TimedInstrumentation extends MethodInstrumentation<Observable & Settable> {
  override readonly steps = this.records === 'summary' ? SUMMARY_STEPS : STEPS;

  protected override makeRecorders(
    kit: RecorderKit<Observable & Settable>,
    family: RecordableFamily<Observable & Settable>,
  ) {
    switch (family.type) {
      case 'gauge':
        return new LastDurationRecorder(kit);
      case 'summary':
        return new SummaryDurationRecorder(kit);
      default:
        return new DurationRecorder(kit);
    }
  }

  private get records(): unknown {
    const metric = this.family.metric as { readonly type: unknown } | undefined;
    return metric === undefined ? this.options.type : metric.type;
  }
}

class DurationRecorder<C extends Observable> extends CompletionRecorder<C> {
  override enter(): number {
    return performance.now();
  }

  override leave(
    start: number,
    ending: Ending,
    outcome: unknown,
    node?: TrieNode<C>,
    self?: unknown,
    args?: readonly unknown[],
    exemplar?: ExemplarLabels,
  ): void {
    const seconds = (performance.now() - start) / 1000;
    // A monotonic clock never steps back, but one that a test suite has replaced may.
    this.seriesOf(ending, outcome, node, self, args)?.observe(seconds > 0 ? seconds : 0, exemplar);
  }

  override succeed(start: number, _result: unknown, node?: TrieNode<C>): boolean {
    const series = this.knownSeries(node);
    if (series === undefined) return false;
    const seconds = (performance.now() - start) / 1000;
    series.observe(seconds > 0 ? seconds : 0);
    return true;
  }
}

/** A copy of the code above, which thus sees only summaries. */
class SummaryDurationRecorder<C extends Observable> extends DurationRecorder<C> {
  override leave(
    start: number,
    ending: Ending,
    outcome: unknown,
    node?: TrieNode<C>,
    self?: unknown,
    args?: readonly unknown[],
    exemplar?: ExemplarLabels,
  ): void {
    const seconds = (performance.now() - start) / 1000;
    this.seriesOf(ending, outcome, node, self, args)?.observe(seconds > 0 ? seconds : 0, exemplar);
  }

  override succeed(start: number, _result: unknown, node?: TrieNode<C>): boolean {
    const series = this.knownSeries(node);
    if (series === undefined) return false;
    const seconds = (performance.now() - start) / 1000;
    series.observe(seconds > 0 ? seconds : 0);
    return true;
  }
}

class LastDurationRecorder<C extends Settable> extends CompletionRecorder<C> {
  override enter(): number {
    return performance.now();
  }

  override leave(
    start: number,
    ending: Ending,
    outcome: unknown,
    node?: TrieNode<C>,
    self?: unknown,
    args?: readonly unknown[],
  ): void {
    const seconds = (performance.now() - start) / 1000;
    this.seriesOf(ending, outcome, node, self, args)?.set(seconds > 0 ? seconds : 0);
  }
}

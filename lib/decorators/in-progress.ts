import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import type { Recorder } from '../calls/recorder.js';
import { returned } from '../calls/returned.js';
import { Gauge } from '../metrics/gauge.js';
import type { GaugeChild } from '../metrics/gauge-child.js';
import type { GaugeMerge } from '../model/combination.js';
import type { LabelSpec } from '../model/labels.js';
import { rule } from '../model/options.js';
import { processWide } from '../model/process-wide.js';
import type { Registry } from '../registry/registry.js';
import { type ArgumentRules, decoratorFamily, type FamilyKind, readArguments } from './decorator-family.js';
import {
  ENDS_RULES,
  type EndsOption,
  FAMILY_RULES,
  type FamilyOptions,
  TARGET_RULES,
  type TargetOptions,
} from './decorator-options.js';
import { decorateMethod, MethodInstrumentation, type MethodSteps } from './instrumentation.js';
import type { RecordableFamily } from './label-trie.js';
import { EntryRecorder, type RecorderKit } from './recorders.js';

/** Options of `@InProgress`, with and without a metric. */
export interface InProgressChoice extends EndsOption {
  /**
   * Whether to add a second gauge, with the suffix `_oldest_seconds`, for the age of the oldest call in progress in
   * seconds; 0 if there is none. Default: false.
   */
  readonly age?: boolean;
}

/** Options of `@InProgress` without a metric. */
export interface InProgressOptions<This, V extends AnyMethod> extends FamilyOptions<This, V>, InProgressChoice {
  /** How the values of several processes are merged. Default: `all`. */
  readonly aggregate?: GaugeMerge;
}

/** Options of `@InProgress` with a metric. */
export interface InProgressTargetOptions<This, V extends AnyMethod, L extends LabelSpec>
  extends TargetOptions<This, V, L>,
    InProgressChoice {}

const KIND: FamilyKind = {
  decorator: 'InProgress',
  make: Gauge,
  type: 'gauge',
  name: 'method_inprogress',
  help: 'Method calls in progress',
  labelNames: ['class', 'method'],
  added: [],
  passed: ['aggregate'],
};

const CHOICE = { ...ENDS_RULES, age: rule.boolean };

const RULES: ArgumentRules<InProgressOptions<object, AnyMethod>, InProgressTargetOptions<object, AnyMethod, string>> = {
  create: { ...FAMILY_RULES, ...CHOICE, aggregate: rule.any },
  use: { ...TARGET_RULES, ...CHOICE },
};

/**
 * Counts the calls of the method that are in progress: the gauge is incremented before the body and decremented exactly
 * once when the call has ended, on the same series, even if the registry changes in between. Labels are read when the
 * call begins.
 *
 * Without arguments it uses the gauge `method_inprogress{class,method}`; with a `name`, a gauge of that name with the
 * labels in `labels`; with a Gauge, that one.
 *
 * Throws ConfigError or ConflictError when the class is defined, if the options are invalid. Calls never fail because of
 * it.
 *
 * @example
 * class Shop {
 *   @InProgress({ age: true })
 *   async order(order: Order) {}
 * }
 */
export function InProgress<This, V extends AnyMethod, L extends LabelSpec>(
  metric: Gauge<L>,
  options?: InProgressTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function InProgress<This, V extends AnyMethod>(
  options?: InProgressOptions<This, V>,
): TypedMethodDecorator<This, V>;
export function InProgress(...args: unknown[]): (...on: unknown[]) => void {
  const target = readArguments('InProgress', ['gauge'], args, RULES);
  const family = decoratorFamily(KIND, target);
  return (...on) =>
    decorateMethod('InProgress', on, (member) => {
      return new InProgressInstrumentation({
        decorator: 'InProgress',
        member,
        family,
        options: target.options,
        own: ['class', 'method'],
      });
    });
}

const STEPS: MethodSteps = {
  known: (instrumentation, self) => instrumentation.known(self),
  open: (instrumentation, self) => instrumentation.open(self)?.recorder(),
  enter: (recorder) => recorder.enter(),
  succeed: (recorder, token, result, node) => recorder.succeed(token, result, node),
  returned: (result, recorder, token, node) => returned(result, recorder, token, node),
};

class InProgressInstrumentation extends MethodInstrumentation<GaugeChild> {
  override readonly steps = STEPS;

  protected override makeRecorders(
    kit: RecorderKit<GaugeChild>,
    family: RecordableFamily<GaugeChild>,
    registry: Registry,
  ): EntryRecorder<GaugeChild> {
    if (this.options.age !== true)
      return new EntryRecorder(kit, (series) => new InProgressRecorder(series, kit.report));
    const gauge = ageGauge(family, registry);
    return new EntryRecorder(kit, (series) => {
      const ages = agesOf.get(series) ?? new CallAges();
      agesOf.set(series, ages);
      gauge.labels(...(family.labelValues(series.row) ?? [])).setFunction(() => ages.oldest);
      return new AgedInProgressRecorder(series, kit.report, ages);
    });
  }
}

/** Counts the calls in progress on one series. */
class InProgressRecorder implements Recorder {
  constructor(
    protected readonly series: GaugeChild,
    readonly fault: (error: unknown) => void,
  ) {}

  /** Returns the epoch of the series: if it has been reset since, the call is no longer counted, and must not be subtracted. */
  enter(): number {
    this.series.inc();
    return this.series.epoch;
  }

  pause(epoch: number): void {
    this.leave(epoch);
  }

  resume(): number {
    return this.enter();
  }

  leave(epoch: number): void {
    if (this.series.epoch === epoch) this.series.dec();
  }

  succeed(epoch: number): boolean {
    this.leave(epoch);
    return true;
  }
}

/** The calls in progress on one series, in the order in which they began. Holds no reference to a class. */
class CallAges {
  private readonly calls = new Map<number, { readonly start: number; readonly epoch: number }>();
  private latest = 0;

  begin(epoch: number): number {
    this.latest += 1;
    this.calls.set(this.latest, { start: performance.now(), epoch });
    return this.latest;
  }

  /** Returns the epoch in which the call began; undefined if it has already ended. */
  end(call: number): number | undefined {
    const epoch = this.calls.get(call)?.epoch;
    this.calls.delete(call);
    return epoch;
  }

  /** In seconds; 0 if no call is in progress. */
  get oldest(): number {
    for (const { start } of this.calls.values()) return Math.max(0, (performance.now() - start) / 1000);
    return 0;
  }
}

/** Several decorated methods may share a series, and so its calls. */
const agesOf = processWide('call-ages.v1', () => new WeakMap<GaugeChild, CallAges>());

/** Also stores when each call began. */
class AgedInProgressRecorder extends InProgressRecorder {
  constructor(
    series: GaugeChild,
    fault: (error: unknown) => void,
    private readonly ages: CallAges,
  ) {
    super(series, fault);
  }

  override enter(): number {
    return this.ages.begin(super.enter());
  }

  override leave(call: number): void {
    const epoch = this.ages.end(call);
    if (epoch !== undefined) super.leave(epoch);
  }
}

/** Returns the gauge for the age of the oldest call of each series of another gauge. */
function ageGauge(family: RecordableFamily<GaugeChild>, registry: Registry): Gauge<string> {
  return registry.getOrCreate(Gauge<string>, {
    name: `${family.name}_oldest_seconds`,
    help: 'Age of the oldest method call in progress in seconds',
    unit: 'seconds',
    labelNames: family.labelNames,
    aggregate: 'max',
  });
}

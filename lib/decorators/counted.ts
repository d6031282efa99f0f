import type { AnyMethod, TypedMethodDecorator } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import type { Recorder } from '../calls/measure.js';
import { Counter, type CounterChild } from '../metrics/counter.js';
import { isSourced } from '../metrics/exemplar-source.js';
import type { ExemplarLabels } from '../metrics/exemplars.js';
import type { Objective } from '../metrics/method-registrations.js';
import { ConfigError, show } from '../model/errors.js';
import type { LabelSpec } from '../model/labels.js';
import { EntryDesk } from './entry.js';
import { type FamilyKind, familySource } from './family-source.js';
import { markMethod } from './mark.js';
import type { EndingOptions, FamilyOptions, TargetOptions } from './options.js';
import { EndRecorder, type RecorderKit } from './recorder.js';
import type { Node } from './series-tree.js';
import { MarkSite, type SitePlan } from './site.js';
import { targetOf } from './target.js';
import { type Exemplary, traced } from './traced-call.js';

/** Which calls `@Counted` counts, and when. */
export interface CountedChoice {
  /** Count only calls that end so. Default: all. */
  readonly only?: 'ok' | 'error';
  /**
   * `entry` counts a call when it begins, whatever becomes of it: the family then has no `result` and no `exception`.
   * Default: `end`.
   */
  readonly when?: 'entry' | 'end';
  /** What the method promises: kept with the family, for rules and dashboards. */
  readonly objective?: Omit<Objective, 'latency'>;
}

/** What `@Counted` can be told where it makes its family, or uses the default one. */
export interface CountedOptions<This, V extends AnyMethod>
  extends FamilyOptions<This, V>,
    EndingOptions<This, V>,
    CountedChoice {
  /** Whether the family has a label `exception` with the error's name. Only with a `name`. Default: false. */
  readonly exception?: boolean;
}

/** What `@Counted` can be told where it records on a metric of the user's. */
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

/**
 * Counts calls of the method, once each, when they end: a promise at its settlement, a generator at its end.
 *
 * Without a target: counter `method_calls_total{class,method,result,exception}`. With options that have a `name`: a
 * family of that name with the label `result` (`ok`, `error`, `cancelled`) and those in `labels`. With a Counter:
 * counted there.
 *
 * Throws ConfigError or ConflictError when the class is defined, for options that cannot be used; a call is never
 * affected.
 *
 * @example
 * class Shop {
 *   @Counted({ name: 'orders_total', labels: { tier: (order) => order.tier } })
 *   async order(order: Order) {}
 * }
 */
export function Counted<This, V extends AnyMethod, const L extends LabelSpec>(
  metric: Counter<L>,
  options?: CountedTargetOptions<This, V, L>,
): TypedMethodDecorator<This, V>;
export function Counted<This, V extends AnyMethod>(options?: CountedOptions<This, V>): TypedMethodDecorator<This, V>;
export function Counted(first?: unknown, second?: unknown): (...on: unknown[]) => void {
  const target = targetOf('Counted', ['counter'], first, second);
  const { options } = target;
  checkChoice(options);
  const onEntry = options.when === 'entry';
  const source = familySource(onEntry ? { ...KIND, added: [] } : KIND, target);
  return (...on) =>
    markMethod('Counted', on, (member) => {
      const plan: SitePlan = {
        decorator: 'Counted',
        member,
        source,
        options,
        own: onEntry ? ['class', 'method'] : ['class', 'method', 'result', 'exception'],
        // Nobody can tell on entry how a call will end; an empty label is not printed.
        empty: onEntry && source.shared ? ['result', 'exception'] : [],
      };
      return onEntry ? new EntryCountedSite(plan) : new CountedSite(plan);
    });
}

class CountedSite extends MarkSite<CounterChild> {
  protected override make(kit: RecorderKit<CounterChild>): Counts {
    return new Counts(kit, this.options.only as Ending | undefined);
  }
}

class Counts extends EndRecorder<CounterChild> implements Exemplary {
  constructor(
    kit: RecorderKit<CounterChild>,
    private readonly only: Ending | undefined,
  ) {
    super(kit, only !== 'error');
  }

  override recorder(): Recorder {
    return isSourced() ? traced(this, this.kit.family) : this;
  }

  override leave(
    _mark: number,
    ending: Ending,
    outcome: unknown,
    spot?: Node<CounterChild>,
    self?: unknown,
    args?: readonly unknown[],
    exemplar?: ExemplarLabels,
  ): void {
    this.seriesOf(ending, outcome, spot, self, args)?.inc(1, exemplar);
  }

  protected override concerns(ending: Ending): boolean {
    return this.only === undefined || ending === this.only;
  }
}

class EntryCountedSite extends MarkSite<CounterChild> {
  protected override make(kit: RecorderKit<CounterChild>): EntryDesk<CounterChild> {
    return new EntryDesk(kit, (series) => new EntryCount(series, kit.tell));
  }
}

class EntryCount implements Recorder {
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
}

function checkChoice({ only, when }: Readonly<Record<string, unknown>>): void {
  if (only !== undefined && only !== 'ok' && only !== 'error') {
    throw new ConfigError(`@Counted(): the option "only" is 'ok' or 'error', not ${show(only)}.`);
  }
  if (when !== undefined && when !== 'entry' && when !== 'end') {
    throw new ConfigError(`@Counted(): the option "when" is 'entry' or 'end', not ${show(when)}.`);
  }
  if (when === 'entry' && only !== undefined) {
    throw new ConfigError(
      `@Counted(): on entry nobody knows how a call will end, so "only" cannot go with when: 'entry'.`,
    );
  }
}

import { decorateMember, type MaybePromise, type TypedGetterDecorator } from '../calls/dialect.js';
import { Gauge } from '../metrics/gauge.js';
import { ConfigError } from '../model/errors.js';
import type { LabelName, LabelSpec, LabelValue } from '../model/labels.js';
import { rule } from '../model/options.js';
import type { Registry } from '../registry/registry.js';
import { type ArgumentRules, decoratorFamily, type FamilyKind, readArguments } from './decorator-family.js';
import { type BoundedLabel, FAMILY_RULES, type NameOptions, TARGET_RULES } from './decorator-options.js';
import { GaugeInstrumentation, type InstanceMerge } from './gauge-instances.js';
import { noteMember, noteOwner } from './instrumented-methods.js';

/**
 * The source of a label of `@GaugeFrom`: a constant, a function of the instance, which is also its `this`, or an object
 * with a function of the reading: its `self` is the instance, its `result` the value.
 */
export type InstanceLabel<This> =
  | LabelValue
  | ((this: This, instance: This) => LabelValue)
  | BoundedLabel<This, () => number>;

/** Options of `@GaugeFrom`, with and without a metric. */
export interface GaugeFromChoice extends NameOptions {
  /**
   * How the values of several instances with the same labels are combined. Without it, only the newest of them is
   * shown, and an instrumentation error is counted.
   */
  readonly aggregate?: InstanceMerge;
}

/** Options of `@GaugeFrom` without a metric. */
export interface GaugeFromOptions<This> extends GaugeFromChoice {
  /** Name of the family. */
  readonly name: string;
  /** Help text of the family. Default: `Read from an instance`. */
  readonly help?: string;
  /** Unit, such as `bytes`, with which the name must end. Default: none. */
  readonly unit?: string;
  /** Labels and their sources. */
  readonly labels?: { readonly [name: string]: InstanceLabel<This> };
  /** Maximum number of series; further ones are recorded on one overflow series. Default: the registry's; 0: no limit. */
  readonly maxSeries?: number;
  /** The registry. Default: that of the instance, of its class, or the default registry. */
  readonly registry?: Registry;
}

/** Options of `@GaugeFrom` with a metric. */
export interface GaugeFromTargetOptions<This, L extends LabelSpec> extends GaugeFromChoice {
  /** Sources of the gauge's labels. The decorator fills `class` and `method` itself. */
  readonly labels?: { readonly [N in LabelName<L>]?: InstanceLabel<This> };
}

const KIND: FamilyKind = {
  decorator: 'GaugeFrom',
  make: Gauge,
  type: 'gauge',
  name: '',
  help: 'Read from an instance',
  labelNames: [],
  added: [],
  passed: ['aggregate'],
};

const CHOICE = { aggregate: rule.oneOf('sum', 'min', 'max', 'average') };

const RULES: ArgumentRules<GaugeFromOptions<object>, GaugeFromTargetOptions<object, string>> = {
  create: { ...FAMILY_RULES, ...CHOICE },
  use: { ...TARGET_RULES, ...CHOICE },
};

/**
 * Exposes the value of a getter, or of a method without parameters, at each scrape; a promise is awaited. Instances are
 * held weakly: a series is removed when its last instance is garbage-collected.
 *
 * With standard decorators an instance is known from its construction. With `experimentalDecorators` it is known once the
 * getter is read on it, a registry is bound to it (as the Nest module does), or its constructor calls `trackGauges(this)`.
 * Static members are always known.
 *
 * Throws ConfigError or ConflictError when the class is defined, if the options are invalid. If reading an instance fails,
 * it is left out of that page, and an instrumentation error is counted.
 *
 * @example
 * class Queue {
 *   @GaugeFrom({ name: 'queue_jobs', labels: { queue: (queue) => queue.name } })
 *   get size() { return this.jobs.length; }
 * }
 */
export function GaugeFrom<This, D extends MaybePromise<number> | (() => MaybePromise<number>), L extends LabelSpec>(
  metric: Gauge<L>,
  options?: GaugeFromTargetOptions<This, L>,
): TypedGetterDecorator<This, number, D>;
export function GaugeFrom<This, D extends MaybePromise<number> | (() => MaybePromise<number>)>(
  options: GaugeFromOptions<This>,
): TypedGetterDecorator<This, number, D>;
export function GaugeFrom(...args: unknown[]): (...on: unknown[]) => void {
  const target = readArguments('GaugeFrom', ['gauge'], args, RULES);
  const { options, metric } = target;
  const merge = options.aggregate as InstanceMerge | undefined;
  if (metric === undefined && options.name === undefined) {
    throw new ConfigError('@GaugeFrom() has no default family: pass it a name or a gauge.');
  }
  // Values of several processes are merged like those of instances, except averages, which cannot be averaged.
  const aggregate = merge === 'average' ? undefined : merge;
  const family = decoratorFamily(KIND, { metric, options: { ...options, aggregate } });
  return (...on) =>
    decorateMember('GaugeFrom', ['getter', 'method'], on, (member) => {
      const use = { decorator: 'GaugeFrom', member, family, options, own: ['class', 'method'] } as const;
      const gauge = new GaugeInstrumentation(use, merge);
      const reader = member.onInstance === undefined ? gauge.trackingReader() : member.body;
      noteMember(reader, gauge);
      noteOwner(gauge);
      if (member.isStatic && member.owner !== undefined) gauge.track(member.owner);
      member.onInstance?.((instance) => gauge.track(instance));
      return reader;
    }) as undefined;
}

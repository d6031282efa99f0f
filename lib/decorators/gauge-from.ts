import { decorateMember, type MaybePromise, type TypedGetterDecorator } from '../calls/dialect.js';
import { Gauge } from '../metrics/gauge.js';
import { ConfigError, show } from '../model/errors.js';
import type { LabelName, LabelSpec, LabelValue } from '../model/labels.js';
import type { Registry } from '../registry/registry.js';
import { type FamilyKind, familySource } from './family-source.js';
import { GaugeSite } from './gauge-site.js';
import { noteOwner, noteSite } from './marks.js';
import type { PlaceOptions } from './options.js';
import type { InstanceMerge } from './tally.js';
import { targetOf } from './target.js';

/** Where a label of `@GaugeFrom` gets its value from: a constant, or a function of the instance, also as its `this`. */
export type InstanceLabel<This> = LabelValue | ((this: This, instance: This) => LabelValue);

/** What `@GaugeFrom` can be told, whatever it records on. */
export interface GaugeFromChoice extends PlaceOptions {
  /**
   * How the values of several instances become one. Several instances need this, or a label that tells them apart;
   * with neither, the newest instance is shown, and that is counted as a fault.
   */
  readonly aggregate?: InstanceMerge;
}

/** What `@GaugeFrom` makes its family from. */
export interface GaugeFromOptions<This> extends GaugeFromChoice {
  /** The family's name. */
  readonly name: string;
  /** The family's help text. Default: that it was read from an instance. */
  readonly help?: string;
  /** The unit, such as `bytes`: the end of the name. Default: none. */
  readonly unit?: string;
  /** Labels and where they get their values. */
  readonly labels?: { readonly [name: string]: InstanceLabel<This> };
  /** The most series before values go to one overflow series. Default: the registry's; 0 for no limit. */
  readonly maxSeries?: number;
  /** The registry. Default: that bound to the instance, to the class, or the default registry. */
  readonly registry?: Registry;
}

/** What `@GaugeFrom` can be told where it records on a gauge of the user's. */
export interface GaugeFromTargetOptions<This, L extends LabelSpec> extends GaugeFromChoice {
  /** Where the gauge's labels get their values from; `class` and `method` are filled already. */
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

/**
 * Shows what a getter, or a method without parameters, says at each scrape; a promise is waited for. Instances are held
 * weakly: with the last of them its series leaves the page.
 *
 * With standard decorators an instance is known when it is made. With `experimentalDecorators` it is known when the
 * getter is first read on it, when a registry is bound to it (as the Nest module does), or by `trackGauges(this)` in its
 * constructor; static members are known at once.
 *
 * Throws ConfigError or ConflictError when the class is defined, for options that cannot be used. One that throws when
 * it is read is left out of that page, and counted as a fault.
 *
 * @example
 * class Queue {
 *   @GaugeFrom({ name: 'queue_jobs', labels: { queue: (queue) => queue.name } })
 *   get size() { return this.jobs.length; }
 * }
 */
export function GaugeFrom<
  This,
  D extends MaybePromise<number> | (() => MaybePromise<number>),
  const L extends LabelSpec,
>(metric: Gauge<L>, options?: GaugeFromTargetOptions<This, L>): TypedGetterDecorator<This, number, D>;
export function GaugeFrom<This, D extends MaybePromise<number> | (() => MaybePromise<number>)>(
  options: GaugeFromOptions<This>,
): TypedGetterDecorator<This, number, D>;
export function GaugeFrom(first?: unknown, second?: unknown): (...on: unknown[]) => void {
  const target = targetOf('GaugeFrom', ['gauge'], first, second);
  const { options, metric } = target;
  const merge = checkMerge(options.aggregate);
  if (metric === undefined && options.name === undefined) {
    throw new ConfigError('@GaugeFrom() has no default family: give it a name, or a gauge that you made.');
  }
  // The same way over processes as over instances; averages cannot be averaged.
  const aggregate = merge === 'average' ? undefined : merge;
  const source = familySource(KIND, { metric, options: { ...options, aggregate } });
  return (...on) =>
    decorateMember('GaugeFrom', ['getter', 'method'], on, (member) => {
      const site = new GaugeSite(member, source, options, merge);
      const reader = member.onInstance === undefined ? site.noticing(member.body) : member.body;
      noteSite(reader, site);
      noteOwner(site);
      if (member.isStatic && member.owner !== undefined) site.track(member.owner);
      member.onInstance?.((instance) => site.track(instance));
      return reader;
    }) as undefined;
}

function checkMerge(merge: unknown): InstanceMerge | undefined {
  if (merge === undefined || ['sum', 'min', 'max', 'average'].includes(merge as string)) {
    return merge as InstanceMerge | undefined;
  }
  throw new ConfigError(
    `@GaugeFrom(): the option "aggregate" is 'sum', 'min', 'max' or 'average', not ${show(merge)}.`,
  );
}

import type { AnyMethod } from '../calls/dialect.js';
import { mimicFunction } from '../calls/wrapper.js';
import type { Gauge } from '../metrics/gauge.js';
import { ConfigError, show, ValueError } from '../model/errors.js';
import { toLabelString } from '../model/labels.js';
import { processWide } from '../model/process-wide.js';
import { defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { type DecoratorUse, MemberInstrumentation } from './instrumentation.js';
import { CardinalityLimit, handled, seenCall } from './label-plan.js';

type AnyGauge = Gauge<string>;

/** How the values of several instances are combined. */
export type InstanceMerge = 'sum' | 'min' | 'max' | 'average';

/** One `@GaugeFrom` on one member: the instances that it reads, and the gauges that show them. */
export class GaugeInstrumentation extends MemberInstrumentation {
  private readonly body: AnyMethod;
  /** In order of discovery. */
  private readonly instances = new Set<WeakRef<object>>();
  private readonly known = new WeakSet<object>();
  private readonly limits = new WeakMap<Registry, CardinalityLimit>();

  constructor(
    use: DecoratorUse,
    private readonly merge: InstanceMerge | undefined,
  ) {
    super(use);
    this.body = use.member.body;
  }

  /** Starts reading an instance at scrapes. */
  track(instance: object): void {
    try {
      if (!this.known.has(instance)) {
        this.known.add(instance);
        this.instances.add(new WeakRef(instance));
        this.findClass(instance);
      }
      this.hook(this.registryFor(instance));
    } catch (fault) {
      this.report(this.registry ?? defaultRegister, fault);
    }
  }

  /** Wraps the getter to track each instance that it is read on. */
  trackingReader(): AnyMethod {
    const { body } = this;
    const track = (self: unknown): void => {
      if (typeof self === 'object' && self !== null && !this.known.has(self)) this.makeKnownSeries(self);
    };
    const { measured } = {
      measured(this: unknown): unknown {
        track(this);
        return Reflect.apply(body, this, []);
      },
    };
    return mimicFunction(measured, body);
  }

  makeKnownSeries(self: unknown): void {
    // The prototype itself is not an instance.
    const isInstance = typeof self === 'object' && self !== null && !Object.hasOwn(self, 'constructor');
    if (isInstance || (this.identity.isStatic && typeof self === 'function')) this.track(self as object);
  }

  withdraw(): void {}

  /** Makes a registry's gauge read the instances before every page, in addition to those of other decorators. */
  private hook(registry: Registry): void {
    const gauge = this.family.in(registry) as AnyGauge;
    this.registerIn(gauge);
    const readers = readersOf.get(gauge);
    if (readers === undefined) readersOf.set(gauge, new GaugeReaders(gauge, registry, this));
    else readers.add(this);
  }

  /** Reads the instances that a gauge shows. */
  async readInto(aggregate: InstanceAggregate, gauge: AnyGauge, registry: Registry): Promise<void> {
    const readings: Promise<void>[] = [];
    for (const reference of this.instances) {
      const instance = reference.deref();
      if (instance === undefined) this.instances.delete(reference);
      // A gauge that was passed to the decorator shows all instances, whatever their registry.
      else if (this.family.metric !== undefined || this.registryFor(instance) === registry) {
        readings.push(this.readOne(instance, gauge.name, registry, aggregate));
      }
    }
    await Promise.all(readings);
  }

  reportClash(registry: Registry): void {
    this.report(
      registry,
      new ConfigError(
        "several instances have the same labels, so only the newest is shown. Combine them with { aggregate: 'sum' }, or " +
          'tell them apart with { labels: { … } }.',
      ),
    );
  }

  private async readOne(
    instance: object,
    family: string,
    registry: Registry,
    aggregate: InstanceAggregate,
  ): Promise<void> {
    // Entries are in the order of the instances, not in that of their values' arrival, so that the last one is the
    // newest.
    const entry = aggregate.open(this.merge);
    try {
      const value: unknown = await Reflect.apply(this.body, instance, []);
      if (typeof value !== 'number') throw new ValueError(`the value of a gauge must be a number, got ${show(value)}.`);
      entry.values = this.labelsOf(instance, value, family, registry);
      entry.value = value;
    } catch (fault) {
      this.report(registry, fault);
    }
  }

  private labelsOf(instance: object, value: number, family: string, registry: Registry): readonly string[] {
    const labels = this.fixedValues();
    for (const { at, name, ofArguments, ofCall, values, max } of this.plan.dynamic) {
      const labelValue: unknown =
        ofCall?.(seenCall(instance, [], 'ok', value)) ?? ofArguments?.call(instance, instance);
      const label = toLabelString(handled(labelValue), name, family);
      labels[at] = ofCall === undefined ? label : this.limitIn(registry).admit(name, label, values, max);
    }
    return labels;
  }

  private limitIn(registry: Registry): CardinalityLimit {
    const limit = this.limits.get(registry) ?? new CardinalityLimit((error) => this.report(registry, error));
    this.limits.set(registry, limit);
    return limit;
  }
}

/** The readers of each gauge. All copies of promark share them, so that none replaces another's values. */
const readersOf = processWide('gauge-readers.v1', () => new WeakMap<object, Pick<GaugeReaders, 'add'>>());

/**
 * All `@GaugeFrom` decorators of one gauge. They are held weakly, so that classes created at run time can be
 * garbage-collected.
 */
class GaugeReaders {
  private readonly readers = new Set<WeakRef<GaugeInstrumentation>>();
  private readonly known = new WeakSet<GaugeInstrumentation>();

  constructor(gauge: AnyGauge, registry: Registry, first: GaugeInstrumentation) {
    this.add(first);
    gauge.report(async (set) => {
      for (const [values, value] of await this.read(gauge, registry)) set(value, ...values);
    });
  }

  add(reader: GaugeInstrumentation): void {
    if (this.known.has(reader)) return;
    this.known.add(reader);
    this.readers.add(new WeakRef(reader));
  }

  /** Reads all instances, and returns one value for each combination of label values. */
  private async read(gauge: AnyGauge, registry: Registry): Promise<ReturnType<InstanceAggregate['entries']>> {
    const aggregate = new InstanceAggregate();
    const readings: Promise<void>[] = [];
    let last: GaugeInstrumentation | undefined;
    for (const reference of this.readers) {
      const reader = reference.deref();
      if (reader === undefined) this.readers.delete(reference);
      else {
        last = reader;
        readings.push(reader.readInto(aggregate, gauge, registry));
      }
    }
    await Promise.all(readings);
    if (aggregate.clashes) last?.reportClash(registry);
    return aggregate.entries();
  }
}

/** The value of one instance; without label values if it could not be read. */
interface InstanceValue {
  values: readonly string[] | undefined;
  value: number;
  readonly merge: InstanceMerge | undefined;
}

/** The values of all instances at one scrape, grouped by label values. */
class InstanceAggregate {
  private readonly all: InstanceValue[] = [];

  /** Adds an entry for one instance. Called in order of age, oldest first. */
  open(merge: InstanceMerge | undefined): InstanceValue {
    const entry: InstanceValue = { values: undefined, value: Number.NaN, merge };
    this.all.push(entry);
    return entry;
  }

  /** Whether instances have the same labels, and no `merge` to combine them. */
  get clashes(): boolean {
    return [...this.groups().values()].some((entries) => entries.length > 1 && mergeOf(entries) === undefined);
  }

  /** Returns one value for each combination of label values. */
  entries(): (readonly [values: readonly string[], value: number])[] {
    return [...this.groups().values()].map(
      (entries) => [entries[0].values, merged(mergeOf(entries), entries)] as const,
    );
  }

  private groups(): Map<string, LabeledValue[]> {
    const groups = new Map<string, LabeledValue[]>();
    for (const { values, value, merge } of this.all) {
      if (values === undefined) continue;
      const key = JSON.stringify(values);
      groups.set(key, [...(groups.get(key) ?? []), { values, value, merge }]);
    }
    return groups;
  }
}

function mergeOf(entries: readonly LabeledValue[]): InstanceMerge | undefined {
  return entries.find(({ merge }) => merge !== undefined)?.merge;
}

interface LabeledValue {
  readonly values: readonly string[];
  readonly value: number;
  readonly merge: InstanceMerge | undefined;
}

function merged(merge: InstanceMerge | undefined, entries: readonly LabeledValue[]): number {
  const values = entries.map(({ value }) => value);
  if (merge === undefined) return values[values.length - 1];
  if (merge === 'min') return values.reduce((a, b) => Math.min(a, b));
  if (merge === 'max') return values.reduce((a, b) => Math.max(a, b));
  const sum = values.reduce((a, b) => a + b, 0);
  return merge === 'average' ? sum / values.length : sum;
}

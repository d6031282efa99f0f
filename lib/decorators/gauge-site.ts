import type { AnyMethod, Member } from '../calls/dialect.js';
import { dress } from '../calls/guise.js';
import type { Gauge } from '../metrics/gauge.js';
import { addRegistration, type MethodRegistration } from '../metrics/method-registrations.js';
import { ConfigError, show, ValueError } from '../model/errors.js';
import { toLabelString } from '../model/labels.js';
import { register } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { registryOf } from './binding.js';
import type { FamilySource } from './family-source.js';
import { type LabelPlan, planLabels } from './label-plan.js';
import type { MarkedSite } from './marks.js';
import { Place } from './place.js';
import { type InstanceMerge, Tally } from './tally.js';

type AnyGauge = Gauge<readonly string[]>;

/** One `@GaugeFrom`: the instances that it reads, and the gauges that show them. */
export class GaugeSite implements MarkedSite {
  readonly decorator = 'GaugeFrom';
  readonly place: Place;
  private readonly plan: LabelPlan;
  private readonly registry: Registry | undefined;
  private readonly mark: MethodRegistration;
  /** In the order in which they became known. */
  private readonly instances = new Set<WeakRef<object>>();
  private readonly known = new WeakSet<object>();
  private readonly hooked = new WeakSet<object>();

  constructor(
    private readonly member: Member,
    private readonly source: FamilySource,
    options: Readonly<Record<string, unknown>> & { readonly labels?: object },
    private readonly merge: InstanceMerge | undefined,
  ) {
    const place = new Place(member, options as { class?: string; method?: string });
    this.place = place;
    this.registry = options.registry as Registry | undefined;
    this.plan = planLabels(this.where, source.name, source.labelNames, { ...options.labels }, ['class', 'method']);
    this.mark = {
      decorator: this.decorator,
      get class() {
        return place.className ?? '';
      },
      method: place.method,
    };
    addRegistration(source.in(this.registry ?? registryOf(member.owner)), this.mark);
  }

  /** Starts reading an instance at scrapes. */
  track(instance: object): void {
    try {
      if (!this.known.has(instance)) {
        this.known.add(instance);
        this.instances.add(new WeakRef(instance));
        this.place.find(instance);
      }
      this.hook(this.registryFor(instance));
    } catch (fault) {
      this.tell(this.registry ?? register, fault);
    }
  }

  /** The getter that also notices what it is read on. */
  noticing(body: AnyMethod): AnyMethod {
    const site = this;
    const { measured } = {
      measured(this: object): unknown {
        if (typeof this === 'object' && this !== null && !site.known.has(this)) site.zero(this);
        return Reflect.apply(body, this, []);
      },
    };
    return dress(measured, body);
  }

  zero(self: unknown): void {
    // The prototype itself is no instance.
    const isInstance = typeof self === 'object' && self !== null && !Object.hasOwn(self, 'constructor');
    if (isInstance || (this.place.isStatic && typeof self === 'function')) this.track(self as object);
  }

  withdraw(): void {}

  rename(className: string): void {
    this.place.rename(className);
  }

  private get where(): string {
    const { className, method } = this.place;
    return `@GaugeFrom() on ${className === undefined ? method : `${className}.${method}`}`;
  }

  private registryFor(instance: object): Registry {
    return this.registry ?? registryOf(instance);
  }

  /** Lets a registry's gauge ask this site before every page. */
  private hook(registry: Registry): void {
    const gauge = this.source.in(registry) as AnyGauge;
    addRegistration(gauge, this.mark);
    if (this.hooked.has(gauge)) return;
    this.hooked.add(gauge);
    const before = gauge.collect;
    let shown = new Tally(this.merge);
    gauge.collect = async function (this: unknown) {
      shown = await site.read(gauge, registry, shown);
      await before?.call(this);
    };
    const site = this;
  }

  private async read(gauge: AnyGauge, registry: Registry, shown: Tally): Promise<Tally> {
    const tally = new Tally(this.merge);
    const readings: Promise<void>[] = [];
    for (const reference of this.instances) {
      const instance = reference.deref();
      if (instance === undefined) this.instances.delete(reference);
      // A gauge of the user's shows all instances, whatever their registry.
      else if (this.source.metric !== undefined || this.registryFor(instance) === registry) {
        readings.push(this.readOne(instance, gauge.name, registry, tally));
      }
    }
    await Promise.all(readings);
    if (tally.clashes) {
      this.tell(
        registry,
        new ConfigError(
          `several instances have the same labels; the newest is shown. Say how they add up, { aggregate: 'sum' }, or ` +
            'tell them apart, { labels: { … } }.',
        ),
      );
    }
    for (const values of shown.without(tally)) gauge.remove(...values);
    for (const [values, value] of tally.entries()) gauge.labels(...values).set(value);
    return tally;
  }

  private async readOne(instance: object, family: string, registry: Registry, tally: Tally): Promise<void> {
    // A place of its own, whenever the value comes: the newest instance is the one that came last.
    const entry = tally.open();
    try {
      const value: unknown = await Reflect.apply(this.member.body, instance, []);
      if (typeof value !== 'number') throw new ValueError(`a gauge shows numbers, not ${show(value)}.`);
      entry.values = this.labelsOf(instance, family);
      entry.value = value;
    } catch (fault) {
      this.tell(registry, fault);
    }
  }

  private labelsOf(instance: object, family: string): readonly string[] {
    const { names, constants, free, at } = this.plan;
    const values = names.map((_, i) => {
      if (i === at.class) return this.place.className ?? '';
      return i === at.method ? this.place.method : (constants[i] ?? '');
    });
    for (const label of free) {
      const value = Reflect.apply(label.ofArguments ?? (() => ''), instance, [instance]) as unknown;
      values[label.at] = toLabelString(value, label.name, family);
    }
    return values;
  }

  private tell(registry: Registry, error: unknown): void {
    try {
      registry.faults.instrumentation(this.where, error);
    } catch {
      // Nothing is left that could be told.
    }
  }
}

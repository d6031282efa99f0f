import type { AnyMethod, Member } from '../calls/dialect.js';
import type { Instrumentation, RecorderLookup } from '../calls/measure.js';
import { addRegistration, type MethodRegistration, removeRegistration } from '../metrics/method-registrations.js';
import { ConfigError } from '../model/errors.js';
import { register } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { registryOf } from './binding.js';
import { type FamilySource, isMadeByMark } from './family-source.js';
import { type LabelPlan, type OwnLabel, planLabels } from './label-plan.js';
import { Limits } from './limits.js';
import { checkObjective } from './objective.js';
import { Place } from './place.js';
import type { SeenCall } from './reading.js';
import type { RecorderKit } from './recorder.js';
import type { Recordable, RecordableFamily, SeriesKit } from './series.js';
import { SeriesTree } from './series-tree.js';

/** What a site is made from. */
export interface SitePlan {
  readonly decorator: string;
  readonly member: Member;
  readonly source: FamilySource;
  readonly options: Readonly<Record<string, unknown>> & { readonly labels?: object };
  /** The labels that this decorator fills by itself. */
  readonly own: readonly OwnLabel[];
  /** Labels of the family that stay empty. */
  readonly empty?: readonly OwnLabel[];
}

/** Where the calls of a mark are recorded in one registry. */
export interface MarkDesk extends RecorderLookup {
  /** Makes the series that are known before any call. */
  begin(): void;
}

/** What a site knows about itself in one registry. */
interface Stay<C extends Recordable> {
  readonly registry: Registry;
  readonly generation: number;
  /** Undefined where no family could be had there; the reason is told with every call. */
  readonly desk: MarkDesk | undefined;
  readonly tree: SeriesTree<C> | undefined;
  readonly error: unknown;
}

/**
 * One mark on one method: finds, at each call, the registry to record in and what to record with. The families and
 * series are found once for each registry and kept until families leave it.
 */
export abstract class MarkSite<C extends Recordable> implements Instrumentation {
  readonly decorator: string;
  readonly place: Place;
  readonly reads: 'nothing' | 'arguments' | 'call';
  readonly readings: readonly AnyMethod[];
  protected readonly plan: LabelPlan;
  protected readonly options: Readonly<Record<string, unknown>>;
  private readonly source: FamilySource;
  private readonly registry: Registry | undefined;
  private readonly mark: MethodRegistration;
  private readonly stays = new WeakMap<Registry, Stay<C>>();
  private last: Stay<C> | undefined;

  constructor(plan: SitePlan) {
    const { decorator, member, source, options } = plan;
    const place = new Place(member, checkNames(decorator, options));
    this.decorator = decorator;
    this.place = place;
    this.source = source;
    this.registry = options.registry as Registry | undefined;
    this.options = options;
    const empty = Object.fromEntries((plan.empty ?? []).map((label) => [label, '']));
    this.plan = planLabels(this.where, source.name, source.labelNames, { ...empty, ...options.labels }, plan.own);
    const { free } = this.plan;
    this.readings = free.flatMap(({ ofArguments }) => ofArguments ?? []);
    const wholeCall =
      this.readings.length < free.length || options.classify !== undefined || options.value !== undefined;
    this.reads = wholeCall ? 'call' : free.length > 0 ? 'arguments' : 'nothing';
    // Now rather than at the first call: what conflicts is a mistake in the program, not in one of its requests.
    const family = source.in(this.registry ?? registryOf(member.owner));
    this.mark = {
      decorator,
      get class() {
        return place.className ?? '';
      },
      method: place.method,
      objective: checkObjective(this.where, options.objective, family),
    };
    addRegistration(family, this.mark);
  }

  /** `@Timed() on Shop.order`, for messages. */
  get where(): string {
    const { className, method } = this.place;
    return `@${this.decorator}() on ${className === undefined ? method : `${className}.${method}`}`;
  }

  open(self: unknown): MarkDesk | undefined {
    const registry = this.registry ?? registryOf(self);
    const { last } = this;
    if (last !== undefined && last.registry === registry && last.generation === registry.generation) return last.desk;
    return this.enter(registry, self);
  }

  fault(error: unknown): void {
    this.tell(this.registry ?? register, error);
  }

  /** Puts the series that are known before any call on the page with 0, in the registry for `self`. */
  zero(self: unknown): void {
    try {
      if (this.place.className === undefined && this.plan.at.class >= 0) return;
      if (this.plan.free.length === 0) this.open(self)?.begin();
    } catch (fault) {
      this.fault(fault);
    }
  }

  /** Leaves a registry that it was not meant for: takes back the series that were made in advance. */
  withdraw(registry: Registry): void {
    if (this.registry !== undefined || this.source.metric !== undefined) return;
    this.stays.get(registry)?.tree?.only?.retract();
    this.forget(registry);
    const family = registry.getSingleMetric(this.source.name);
    if (family === undefined || removeRegistration(family, this.mark) || !isMadeByMark(family)) return;
    if ((family as { seriesCount?: number }).seriesCount === 0) registry.removeSingleMetric(family.name);
  }

  /** Goes by another class name from now on. */
  rename(className: string): void {
    const registry = this.registry ?? register;
    this.stays.get(registry)?.tree?.only?.retract();
    this.forget(registry);
    this.place.rename(className);
  }

  /** Starts afresh in a registry. */
  private forget(registry: Registry): void {
    this.stays.delete(registry);
    if (this.last?.registry === registry) this.last = undefined;
  }

  /** What records in one registry. */
  protected abstract make(kit: RecorderKit<C>, family: RecordableFamily<C>, registry: Registry): MarkDesk;

  private enter(registry: Registry, self: unknown): MarkDesk | undefined {
    let stay = this.stays.get(registry);
    if (stay === undefined || stay.generation !== registry.generation) {
      stay = this.settle(registry, self);
      // Without a class there is no telling which series; the next call may know it.
      if (this.place.className !== undefined || this.plan.at.class < 0) this.stays.set(registry, stay);
    }
    if (stay.desk === undefined) this.tell(registry, stay.error);
    else if (this.stays.has(registry)) this.last = stay;
    return stay.desk;
  }

  private settle(registry: Registry, self: unknown): Stay<C> {
    this.place.find(self);
    const { generation } = registry;
    try {
      const family = this.source.in(registry) as RecordableFamily<C>;
      addRegistration(family, this.mark);
      const tell = (error: unknown): void => this.tell(registry, error);
      const kit: SeriesKit<C> = { family, plan: this.plan, limits: new Limits(tell) };
      const tree = new SeriesTree(kit, this.fixedValues(), tell);
      const classify = this.options.classify as ((call: SeenCall) => unknown) | undefined;
      const desk = this.make({ family, tree, wholeCall: this.reads === 'call', classify, tell }, family, registry);
      return { registry, generation: registry.generation, desk, tree, error: undefined };
    } catch (error) {
      return { registry, generation, desk: undefined, tree: undefined, error };
    }
  }

  private fixedValues(): string[] {
    const { names, constants, at } = this.plan;
    return names.map((_, i) => {
      if (i === at.class) return this.place.className ?? '';
      if (i === at.method) return this.place.method;
      return constants[i] ?? '';
    });
  }

  private tell(registry: Registry, error: unknown): void {
    try {
      registry.faults.instrumentation(this.where, error);
    } catch {
      // Nothing is left that could be told.
    }
  }
}

function checkNames(
  decorator: string,
  options: Readonly<Record<string, unknown>>,
): { class?: string; method?: string } {
  for (const option of ['class', 'method'] as const) {
    const name = options[option];
    if (name !== undefined && typeof name !== 'string') {
      throw new ConfigError(`@${decorator}(): the option "${option}" is a text that stands in the label of that name.`);
    }
  }
  const { registry } = options as { readonly registry?: Partial<Registry> };
  if (registry !== undefined && typeof registry?.getOrCreate !== 'function') {
    throw new ConfigError(`@${decorator}(): the option "registry" is a Registry.`);
  }
  return options as { class?: string; method?: string };
}

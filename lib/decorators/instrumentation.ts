import { type AnyMethod, decorateMember, type Member } from '../calls/dialect.js';
import { byArguments, byCall, byEnding, measureMember } from '../calls/measure.js';
import { MethodIdentity, RUNTIME_CLASS, runtimeClassName } from '../calls/method-identity.js';
import type { CallSteps, Instrumentation, Recorder } from '../calls/recorder.js';
import {
  addRegistration,
  type MethodRegistration,
  type Objective,
  registrationsOf,
  removeRegistration,
} from '../model/method-registrations.js';
import { defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { type DecoratorFamily, isMadeByDecorator } from './decorator-family.js';
import { type DecoratedMember, noteMember, noteOwner } from './instrumented-methods.js';
import { CardinalityLimit, type LabelPlan, type OwnLabel, planLabels, type SeenCall } from './label-plan.js';
import { LabelTrie, type Recordable, type RecordableFamily, type SeriesKit } from './label-trie.js';
import { checkObjective } from './objective.js';
import type { MethodRecorder, MethodRecorders, RecorderKit } from './recorders.js';
import { bindingOf, isAnyBound, registryIn, registryOf } from './registry-binding.js';

/** The member that a decorator was applied to, and the options. */
export interface DecoratorUse {
  readonly decorator: string;
  readonly member: Member;
  readonly family: DecoratorFamily;
  readonly options: Readonly<Record<string, unknown>> & { readonly labels?: object };
  /** The labels that this decorator fills itself. */
  readonly own: readonly OwnLabel[];
  /** Labels of the family that stay empty. */
  readonly empty?: readonly OwnLabel[];
}

/** One decorator on one member: its names, its labels and its registrations in the families that it records in. */
export abstract class MemberInstrumentation implements DecoratedMember {
  readonly decorator: string;
  readonly identity: MethodIdentity;
  protected readonly options: Readonly<Record<string, unknown>>;
  protected readonly plan: LabelPlan;
  protected readonly family: DecoratorFamily;
  /** The registry of the options. */
  protected readonly registry: Registry | undefined;
  protected readonly objective: Objective | undefined;
  private readonly registrations = new WeakMap<object, MethodRegistration>();
  private families: readonly WeakRef<object>[] = [];

  constructor({ decorator, member, family, options, own, empty = [] }: DecoratorUse) {
    const identity = new MethodIdentity(member, options as { class?: string; method?: string });
    this.decorator = decorator;
    this.identity = identity;
    this.family = family;
    this.registry = options.registry as Registry | undefined;
    this.options = options;
    const labels: Record<string, unknown> = Object.fromEntries(empty.map((label) => [label, '']));
    if (options.class === RUNTIME_CLASS && family.labelNames.includes('class')) labels.class = classOfThis;
    Object.assign(labels, options.labels);
    this.plan = planLabels(this.where, family.name, family.labelNames, labels, own);
    // The family is created now and not at the first call, so that a conflict is an error of the class and not of a
    // request.
    const metric = family.in(this.registry ?? registryOf(member.owner));
    this.objective = checkObjective(this.where, options.objective, metric);
    this.registerIn(metric);
  }

  abstract makeKnownSeries(self: unknown): void;

  abstract withdraw(registry: Registry): void;

  asMemberOf(owner: object): DecoratedMember {
    if (this.identity.declaredBy === undefined) this.identity.declare(owner);
    return this;
  }

  rename(className: string): void {
    this.identity.rename(className);
    this.registerAgain();
  }

  /** Searches for the declaring class, starting from an instance, or from the class for a static member. */
  findClass(instance: object): boolean {
    const found = this.identity.find(instance);
    noteOwner(this);
    this.registerAgain();
    return found;
  }

  /** `@Timed() on Shop.order`, for messages. */
  protected get where(): string {
    return `@${this.decorator}() on ${this.identity.fullName}`;
  }

  /** Registers the member with a family, under the class name that is known so far. */
  protected registerIn(family: object): void {
    const known = this.registrations.get(family);
    const { className = '', method } = this.identity;
    if (known?.class === className) return;
    const registration = { decorator: this.decorator, class: className, method, objective: this.objective };
    addRegistration(family, registration, known);
    this.registrations.set(family, registration);
    if (known !== undefined) return;
    this.families = [...this.families.filter((reference) => reference.deref() !== undefined), new WeakRef(family)];
  }

  /** Removes the registration of the member from a family. Returns whether others are left. */
  protected unregisterFrom(family: object): boolean {
    const known = this.registrations.get(family);
    this.registrations.delete(family);
    return known === undefined ? registrationsOf(family).length > 0 : removeRegistration(family, known);
  }

  /** Updates the class name in the member's registrations. */
  protected registerAgain(): void {
    for (const reference of this.families) {
      const family = reference.deref();
      if (family !== undefined && this.registrations.has(family)) this.registerIn(family);
    }
  }

  protected registryFor(self: unknown): Registry {
    return this.registry ?? registryOf(self);
  }

  /** Returns the label values that are the same for all calls; dynamic labels are left empty. */
  protected fixedValues(): string[] {
    const { names, constants, at } = this.plan;
    return names.map((_, i) => {
      if (i === at.class) return this.identity.className ?? '';
      if (i === at.method) return this.identity.method;
      return constants[i] ?? '';
    });
  }

  protected report(registry: Registry, error: unknown): void {
    try {
      registry.faults.instrumentation(this.where, error);
    } catch {
      // There is nowhere left to report to.
    }
  }
}

/** The label function of `class: 'runtime'`. */
function classOfThis(this: unknown): string {
  return runtimeClassName(this);
}

interface KnowsRecorder extends Instrumentation {
  /** As `CallSteps.known`. */
  known(self: unknown): Recorder | undefined;
}

/** The steps of one kind of decorator. */
export interface MethodSteps extends Omit<CallSteps, 'known' | 'succeed'> {
  /** `instrumentation.known(self)`. */
  known(instrumentation: KnowsRecorder, self: unknown): Recorder | undefined;
  /** `recorder.succeed(token, result, node)`. */
  succeed(recorder: MethodRecorder, token: number, result: unknown, node?: unknown): boolean;
}

/** The recorders of a method for one registry. */
interface RegistryBinding<C extends Recordable> {
  readonly registry: Registry;
  /** What instances have in place of the registry. */
  readonly bound: unknown;
  readonly generation: number;
  /** Undefined if the family could not be created there; `error` is then reported with every call. */
  readonly recorders: MethodRecorders | undefined;
  readonly trie: LabelTrie<C> | undefined;
  readonly error: unknown;
}

/**
 * One decorator on one method: finds the registry and the recorder of each call. Families and series are cached per
 * registry until families are removed from it.
 */
export abstract class MethodInstrumentation<C extends Recordable>
  extends MemberInstrumentation
  implements KnowsRecorder
{
  readonly wrap: Instrumentation['wrap'];
  readonly ends: 'settled' | 'returned';
  readonly readings: readonly AnyMethod[];
  abstract readonly steps: MethodSteps;
  private readonly bindings = new WeakMap<Registry, RegistryBinding<C>>();
  private last: RegistryBinding<C> | undefined;
  /** Whether each call must check the class, because the method may have been copied to another one. */
  private readonly checksClass: boolean;
  private readonly isStatic: boolean;
  /** The prototype of the last instance (or the class) that was checked, and its instrumentation. */
  private lastPrototype: unknown;
  private lastOwn: MethodInstrumentation<C> = this;
  private readonly byPrototype = new WeakMap<object, MethodInstrumentation<C>>();

  constructor(protected readonly use: DecoratorUse) {
    super(use);
    const { dynamic, at } = this.plan;
    const { classify, value, ends } = this.options;
    this.readings = dynamic.flatMap(({ ofArguments }) => ofArguments ?? []);
    const wholeCall = this.readings.length < dynamic.length || classify !== undefined || value !== undefined;
    this.wrap = wholeCall ? byCall : dynamic.length > 0 ? byArguments : byEnding;
    this.ends = ends === 'returned' ? 'returned' : 'settled';
    this.checksClass = at.class >= 0 && !this.identity.isNamed;
    this.isStatic = this.identity.isStatic;
  }

  known(self: unknown): Recorder | undefined {
    const { last } = this;
    if (last === undefined || last.generation !== last.registry.generation || isAnyBound()) return undefined;
    if (this.checksClass && (this.isStatic ? self : prototypeOf(self)) !== this.lastPrototype) return undefined;
    return this.lastOwn === this ? last.recorders?.known() : undefined;
  }

  open(self: unknown): MethodRecorders | undefined {
    if (this.checksClass) {
      const prototype = this.isStatic ? self : prototypeOf(self);
      const own = prototype === this.lastPrototype ? this.lastOwn : this.ownOf(prototype, self);
      if (own !== this) return own.open(self);
    }
    const bound = this.registry ?? bindingOf(self);
    const { last } = this;
    if (last !== undefined && last.bound === bound && last.generation === last.registry.generation) {
      return last.recorders;
    }
    return this.openAnew(bound, self);
  }

  override asMemberOf(owner: object): DecoratedMember {
    const { declaredBy, isStatic } = this.identity;
    // A wrapper that was declared by another class was copied from there.
    if (declaredBy === undefined || declaredBy === owner || this.identity.isNamed) return super.asMemberOf(owner);
    const holds = isStatic ? typeof owner === 'function' : Object.hasOwn(owner, 'constructor');
    return holds ? this.copyFor(owner) : this;
  }

  fault(error: unknown): void {
    this.report(this.registry ?? defaultRegister, error);
  }

  makeKnownSeries(self: unknown): void {
    try {
      if (this.identity.className === undefined && this.plan.at.class >= 0) return;
      if (this.plan.dynamic.length === 0) this.open(self)?.makeKnownSeries();
    } catch (fault) {
      this.fault(fault);
    }
  }

  withdraw(registry: Registry): void {
    if (this.registry !== undefined || this.family.metric !== undefined) return;
    this.bindings.get(registry)?.trie?.only?.retract();
    this.forget(registry);
    const family = registry.getSingleMetric(this.family.name);
    if (family === undefined || this.unregisterFrom(family) || !isMadeByDecorator(family)) return;
    if ((family as { seriesCount?: number }).seriesCount === 0) registry.removeSingleMetric(family.name);
  }

  override rename(className: string): void {
    const registry = this.registry ?? defaultRegister;
    this.bindings.get(registry)?.trie?.only?.retract();
    this.forget(registry);
    super.rename(className);
  }

  /** Creates the recorders for one registry. */
  protected abstract makeRecorders(
    kit: RecorderKit<C>,
    family: RecordableFamily<C>,
    registry: Registry,
  ): MethodRecorders;

  private forget(registry: Registry): void {
    this.bindings.delete(registry);
    if (this.last?.registry === registry) this.last = undefined;
  }

  /** Returns the instrumentation for the class that provides the method to `self`: this one, or that of a copy. */
  private ownOf(prototype: unknown, self: unknown): MethodInstrumentation<C> {
    if ((typeof prototype !== 'object' && typeof prototype !== 'function') || prototype === null) return this;
    let own = this.byPrototype.get(prototype);
    if (own === undefined) {
      this.identity.find(self);
      const holder = this.identity.holderFrom(prototype);
      const isCopy =
        holder !== undefined && this.identity.declaredBy !== undefined && holder !== this.identity.declaredBy;
      own = isCopy ? this.copyFor(holder) : this;
      this.byPrototype.set(prototype, own);
    }
    this.lastPrototype = prototype;
    this.lastOwn = own;
    return own;
  }

  /** Returns the instrumentation for a class that the method was copied to, with the same options. */
  private copyFor(owner: object): MethodInstrumentation<C> {
    const known = this.byPrototype.get(owner);
    if (known !== undefined && known !== this) return known;
    const { member } = this.use;
    const copy = Reflect.construct(this.constructor, [
      { ...this.use, member: { ...member, owner, onInstance: undefined } },
    ]) as MethodInstrumentation<C>;
    this.byPrototype.set(owner, copy);
    noteOwner(copy);
    return copy;
  }

  private openAnew(bound: unknown, self: unknown): MethodRecorders | undefined {
    const registry = this.registry ?? registryIn(bound);
    let binding = this.bindings.get(registry);
    if (binding === undefined || binding.generation !== registry.generation) {
      binding = this.bind(registry, bound, self);
      // Not cached while the class is unknown, and with it the series; the next call may reveal it.
      if (this.identity.className !== undefined || this.plan.at.class < 0) this.bindings.set(registry, binding);
    }
    if (binding.recorders === undefined) this.report(registry, binding.error);
    else if (this.bindings.has(registry)) this.last = binding.bound === bound ? binding : { ...binding, bound };
    return binding.recorders;
  }

  private bind(registry: Registry, bound: unknown, self: unknown): RegistryBinding<C> {
    this.identity.find(self);
    const { generation } = registry;
    try {
      const family = this.family.in(registry) as RecordableFamily<C>;
      this.registerIn(family);
      const report = (error: unknown): void => this.report(registry, error);
      const kit: SeriesKit<C> = { family, plan: this.plan, limit: new CardinalityLimit(report) };
      const trie = new LabelTrie(kit, this.fixedValues(), report);
      const classify = this.options.classify as ((call: SeenCall) => unknown) | undefined;
      const wholeCall = this.wrap === byCall;
      const everyOutcome = this.objective !== undefined;
      const shared = { family, trie, wholeCall, classify, everyOutcome, report };
      const recorders = this.makeRecorders(shared, family, registry);
      return { registry, bound, generation: registry.generation, recorders, trie, error: undefined };
    } catch (error) {
      return { registry, bound, generation, recorders: undefined, trie: undefined, error };
    }
  }
}

/** Applies a decorator to a method, in either dialect; `make` creates its instrumentation. */
export function decorateMethod<C extends Recordable>(
  decorator: string,
  on: readonly unknown[],
  make: (member: Member) => MethodInstrumentation<C>,
): undefined {
  return decorateMember(decorator, ['method'], on, (member) => wrapMethod(member, make(member))) as undefined;
}

function wrapMethod<C extends Recordable>(member: Member, instrumentation: MethodInstrumentation<C>): AnyMethod {
  const wrapper = measureMember(member, instrumentation, (made) => noteMember(made, instrumentation));
  noteOwner(instrumentation);
  // While the class is unknown, this only creates series without a `class` label.
  instrumentation.makeKnownSeries(member.owner);
  let known = false;
  const firstInstance = (instance: object): void => {
    if (known) return;
    known = instrumentation.findClass(instance);
    instrumentation.makeKnownSeries(instance);
  };
  // A class that is being defined may not have its name yet: esbuild sets it later.
  member.onInstance?.(member.isStatic ? (target) => queueMicrotask(() => firstInstance(target)) : firstInstance);
  return wrapper;
}

/** The prototype of an object; undefined for anything else. Never throws. */
function prototypeOf(self: unknown): unknown {
  if (typeof self !== 'object' || self === null) return undefined;
  try {
    return Object.getPrototypeOf(self);
  } catch {
    return undefined;
  }
}

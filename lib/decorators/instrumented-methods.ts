import type { AnyClass } from '../calls/dialect.js';
import type { Registry } from '../registry/registry.js';
import { layersOf, type MethodIdentity } from './method-identity.js';

/** One decorator on one member: what frameworks and class decorators do with it. */
export interface DecoratedMember {
  /** Without `@`: `Timed`. */
  readonly decorator: string;
  readonly identity: MethodIdentity;
  /** Makes the series that are known before any call, with 0, in the registry for `self`. */
  makeKnownSeries(self: unknown): void;
  /** Removes what was made in advance in a registry that the class turns out not to use. */
  withdraw(registry: Registry): void;
  /** Uses another class name from now on. */
  rename(className: string): void;
}

const byWrapper = new WeakMap<object, DecoratedMember>();
/** Finds decorated members whose wrapper another decorator has wrapped in its own. */
const byOwner = new WeakMap<object, Set<DecoratedMember>>();

/** Notes which decorated member a wrapper belongs to. */
export function noteMember(wrapper: object, member: DecoratedMember): void {
  byWrapper.set(wrapper, member);
  member.identity.wrappedBy(wrapper);
}

/** Notes that the declaring class of a decorated member has become known. */
export function noteOwner(member: DecoratedMember): void {
  const owner = member.identity.declaredBy;
  if (owner === undefined) return;
  const members = byOwner.get(owner);
  if (members === undefined) byOwner.set(owner, new Set([member]));
  else members.add(member);
}

/** The decorators on a method, outermost first. */
function decoratorsOn(method: unknown): readonly DecoratedMember[] {
  const members = layersOf(method).map((layer) => byWrapper.get(layer as object));
  return members.filter((member): member is DecoratedMember => member !== undefined);
}

/**
 * The decorated members that an object itself has: a prototype, or a class for its static members; those of one method
 * outermost first. Reads no getter.
 */
export function decoratedMembersOf(owner: object): readonly DecoratedMember[] {
  const properties = Reflect.ownKeys(owner).map((key) => Object.getOwnPropertyDescriptor(owner, key));
  const members = properties.flatMap((property) => decoratorsOn(property?.value ?? property?.get));
  for (const { identity } of members) {
    // A function that was copied from another class belongs to that one.
    if (identity.declaredBy === undefined) identity.declare(owner);
  }
  const own = members.filter(({ identity }) => identity.declaredBy === owner);
  return [...new Set([...own, ...(byOwner.get(owner) ?? [])])];
}

/** A method with decorators. */
export interface InstrumentedMethod {
  /** The `class` label of its series. */
  readonly class: string;
  /** The `method` label of its series. */
  readonly method: string;
  readonly static: boolean;
  /** The names of its decorators, without `@`. */
  readonly decorators: readonly string[];
}

/** Lists the instrumented methods of a class, inherited ones included. For frameworks and tools. */
export function instrumentedMethods(target: AnyClass): InstrumentedMethod[] {
  const methods = new Map<string, { class: string; method: string; static: boolean; decorators: string[] }>();
  for (const { identity, decorator } of ownersOf(target).flatMap(decoratedMembersOf)) {
    const { className = '', method, isStatic } = identity;
    const key = JSON.stringify([className, method, isStatic]);
    const known = methods.get(key) ?? { class: className, method, static: isStatic, decorators: [] };
    known.decorators.push(decorator);
    methods.set(key, known);
  }
  return [...methods.values()];
}

/**
 * Tells the decorated members of a class or an instance that its registry has changed: series that are known before any
 * call are made in the new one. `former` is the registry that a class had before; series made there in advance are removed.
 */
export function registryChanged(target: object, former: Registry | undefined): void {
  if (typeof target !== 'function') {
    for (const owner of chainOf(Object.getPrototypeOf(target) as object | null)) {
      for (const member of decoratedMembersOf(owner)) member.makeKnownSeries(target);
    }
    return;
  }
  const { prototype } = target as AnyClass;
  for (const owner of [target, prototype as object]) {
    if (owner === undefined || former === undefined) continue;
    for (const member of decoratedMembersOf(owner)) member.withdraw(former);
  }
  for (const owner of ownersOf(target as AnyClass)) {
    for (const member of decoratedMembersOf(owner)) {
      member.makeKnownSeries(typeof owner === 'function' ? target : prototype);
    }
  }
}

function ownersOf(target: AnyClass): object[] {
  return [...chainOf(target.prototype as object | null), ...chainOf(target)];
}

/** An object and what it inherits from, without Object.prototype and Function.prototype. */
function chainOf(object: object | null): object[] {
  const chain: object[] = [];
  for (let at = object; at !== null && at !== undefined; at = Object.getPrototypeOf(at) as object | null) {
    if (at === Object.prototype || at === Function.prototype) break;
    chain.push(at);
  }
  return chain;
}

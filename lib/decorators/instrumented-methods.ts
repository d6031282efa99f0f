import type { AnyClass } from '../calls/dialect.js';
import { chainFrom, type MethodIdentity } from '../calls/method-identity.js';
import { layersOf } from '../calls/wrapper.js';
import { processWide } from '../model/process-wide.js';
import type { Registry } from '../registry/registry.js';

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
  /** The decorated member as a class has it: itself, or a copy if the method was copied onto that class. */
  asMemberOf(owner: object): DecoratedMember;
}

const byWrapper = processWide('decorated-members.v1', () => new WeakMap<object, DecoratedMember>());
/** Finds decorated members whose wrapper another decorator has wrapped in its own. */
const byOwner = processWide('decorated-classes.v1', () => new WeakMap<object, Set<DecoratedMember>>());

/** Notes which decorated member a wrapper belongs to. */
export function noteMember(wrapper: object, member: DecoratedMember): void {
  byWrapper.set(wrapper, member);
  member.identity.addWrapper(wrapper);
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
  return [...new Set([...members.map((member) => member.asMemberOf(owner)), ...(byOwner.get(owner) ?? [])])];
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
 * Notifies the decorated members of a class or an instance that its registry has changed: series that are known before any
 * call are made in the new one. `former` is the registry that a class had before; series made there in advance are removed.
 */
export function registryChanged(target: object, former: Registry | undefined): void {
  if (typeof target !== 'function') {
    for (const owner of chainFrom(target).slice(1)) {
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
  return [...chainFrom(target.prototype), ...chainFrom(target)];
}

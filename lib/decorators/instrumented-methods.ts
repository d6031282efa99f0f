import type { AnyClass } from '../calls/dialect.js';
import { chainFrom, type MethodIdentity } from '../calls/method-identity.js';
import { layersOf } from '../calls/wrapper.js';
import { ConfigError, show } from '../model/errors.js';
import { processWide } from '../model/process-wide.js';
import type { Registry } from '../registry/registry.js';

/** One decorator on one member, for frameworks and class decorators. */
export interface DecoratedMember {
  /** Without `@`: `Timed`. */
  readonly decorator: string;
  readonly identity: MethodIdentity;
  /** Creates the series that are known before any call, with the value 0, in the registry for `self`. */
  makeKnownSeries(self: unknown): void;
  /** Removes series created in advance from a registry that the class does not use after all. */
  withdraw(registry: Registry): void;
  /** Uses another class name from now on. */
  rename(className: string): void;
  /** Returns the decorated member for a class: itself, or a copy if the method was copied to that class. */
  asMemberOf(owner: object): DecoratedMember;
}

const byWrapper = processWide('decorated-members.v1', () => new WeakMap<object, DecoratedMember>());
/** For decorated members whose wrapper another decorator has wrapped. */
const byOwner = processWide('decorated-classes.v1', () => new WeakMap<object, Set<DecoratedMember>>());

/** Associates a wrapper with its decorated member. */
export function noteMember(wrapper: object, member: DecoratedMember): void {
  byWrapper.set(wrapper, member);
  member.identity.addWrapper(wrapper);
}

/** Associates a decorated member with its declaring class, once that is known. */
export function noteOwner(member: DecoratedMember): void {
  const owner = member.identity.declaredBy;
  if (owner === undefined) return;
  const members = byOwner.get(owner);
  if (members === undefined) byOwner.set(owner, new Set([member]));
  else members.add(member);
}

/** Returns the decorated members of a method, outermost decorator first. */
function decoratorsOn(method: unknown): readonly DecoratedMember[] {
  const members = layersOf(method).map((layer) => byWrapper.get(layer as object));
  return members.filter((member): member is DecoratedMember => member !== undefined);
}

/**
 * Returns the own decorated members of a prototype, or of a class for its static members; those of one method outermost
 * first. Reads no getter.
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

/** Lists the instrumented methods of a class, inherited ones included. For frameworks and tools. Throws ConfigError for
 * anything but a class. */
export function instrumentedMethods(target: AnyClass): InstrumentedMethod[] {
  if (typeof target !== 'function') throw new ConfigError(`instrumentedMethods() takes a class, got ${show(target)}.`);
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
 * Notifies the decorated members of a class or an instance that its registry has changed: series that are known before
 * any call are created in the new one, and removed from `former`, the previous registry of a class, if they are unused.
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

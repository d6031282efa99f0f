import type { AnyClass } from '../calls/dialect.js';
import type { Registry } from '../registry/registry.js';
import { layersOf, type Place } from './place.js';

/** One mark on one method, as far as others than its wrapper are concerned. */
export interface MarkedSite {
  readonly decorator: string;
  readonly place: Place;
  /** Puts the series that are known before any call on the page with 0, in the registry for `self`. */
  zero(self: unknown): void;
  /** Takes back what was made in advance in a registry that the class turns out not to belong to. */
  withdraw(registry: Registry): void;
  /** Goes by another class name from now on. */
  rename(className: string): void;
}

const byWrapper = new WeakMap<object, MarkedSite>();
/** Finds marks whose wrapper another decorator has hidden in one of its own. */
const byOwner = new WeakMap<object, Set<MarkedSite>>();

/** Notes which mark a wrapper belongs to. */
export function noteSite(wrapper: object, site: MarkedSite): void {
  byWrapper.set(wrapper, site);
  site.place.wrappedBy(wrapper);
}

/** Notes that the declaring class of a mark has become known. */
export function noteOwner(site: MarkedSite): void {
  const owner = site.place.declaredBy;
  if (owner === undefined) return;
  const sites = byOwner.get(owner);
  if (sites === undefined) byOwner.set(owner, new Set([site]));
  else sites.add(site);
}

/** The marks on a method, outermost first. */
export function sitesOn(method: unknown): readonly MarkedSite[] {
  const sites = layersOf(method).map((layer) => byWrapper.get(layer as object));
  return sites.filter((site): site is MarkedSite => site !== undefined);
}

/**
 * The marks on the members that an object itself has: a prototype, or a class for its statics; those of one method
 * outermost first. Reads no getter.
 */
export function sitesOfOwner(owner: object): readonly MarkedSite[] {
  const members = Reflect.ownKeys(owner).map((key) => Object.getOwnPropertyDescriptor(owner, key));
  const sites = members.flatMap((member) => sitesOn(member?.value ?? member?.get));
  for (const site of sites) {
    // A function that was copied over from another class is that one's.
    if (site.place.declaredBy === undefined) site.place.settle(owner);
  }
  const own = sites.filter((site) => site.place.declaredBy === owner);
  return [...new Set([...own, ...(byOwner.get(owner) ?? [])])];
}

/** A method that bears marks. */
export interface InstrumentedMethod {
  /** The class label of its series. */
  readonly class: string;
  /** The method label of its series. */
  readonly method: string;
  readonly static: boolean;
  /** The names of its decorators, without `@`. */
  readonly decorators: readonly string[];
}

/** The marked methods of a class, inherited ones included. For frameworks and tools. */
export function instrumentedMethods(target: AnyClass): InstrumentedMethod[] {
  const methods = new Map<string, { class: string; method: string; static: boolean; decorators: string[] }>();
  for (const site of ownersOf(target).flatMap(sitesOfOwner)) {
    const { className = '', method, isStatic } = site.place;
    const key = JSON.stringify([className, method, isStatic]);
    const known = methods.get(key) ?? { class: className, method, static: isStatic, decorators: [] };
    known.decorators.push(site.decorator);
    methods.set(key, known);
  }
  return [...methods.values()];
}

/**
 * Lets the marks of a class, or of an instance, know that its registry has changed: what is known before any call
 * appears in the new one. `former` is where a class' own marks appeared before, and leave.
 */
export function resettle(target: object, former: Registry | undefined): void {
  if (typeof target !== 'function') {
    for (const owner of chainOf(Object.getPrototypeOf(target) as object | null)) {
      for (const site of sitesOfOwner(owner)) site.zero(target);
    }
    return;
  }
  const { prototype } = target as AnyClass;
  for (const owner of [target, prototype as object]) {
    if (owner === undefined || former === undefined) continue;
    for (const site of sitesOfOwner(owner)) site.withdraw(former);
  }
  for (const owner of ownersOf(target as AnyClass)) {
    for (const site of sitesOfOwner(owner)) site.zero(typeof owner === 'function' ? target : prototype);
  }
}

function ownersOf(target: AnyClass): object[] {
  return [...chainOf(target.prototype as object | null), ...chainOf(target)];
}

/** An object and what it inherits from, without what all objects and functions inherit from. */
function chainOf(object: object | null): object[] {
  const chain: object[] = [];
  for (let at = object; at !== null && at !== undefined; at = Object.getPrototypeOf(at) as object | null) {
    if (at === Object.prototype || at === Function.prototype) break;
    chain.push(at);
  }
  return chain;
}

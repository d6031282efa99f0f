import type { AnyClass } from '../calls/dialect.js';
import { ConfigError, show } from '../model/errors.js';
import { register } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { resettle } from './marks.js';

/**
 * Under this key an instance, a prototype or a class holds the registry that it is bound to. A property, because it is
 * found in one look-up along the prototypes, bound subclasses included; a symbol that enumeration does not show.
 */
const BOUND = Symbol.for('promark.registry.bound');

/** Bound instances that cannot be given a property, because they are frozen. */
const frozen = new WeakMap<object, Registry>();
let anyFrozen = false;

interface Bound {
  [BOUND]?: Registry;
}

/** The registry for what is recorded now on behalf of `self`: that of the instance, of its class, or the default one. */
export function registryOf(self: unknown): Registry {
  if (self === undefined || self === null) return register;
  if (anyFrozen) {
    const registry = frozen.get(self as object);
    if (registry !== undefined) return registry;
  }
  return (self as Bound)[BOUND] ?? register;
}

/**
 * Lets the marked methods of an instance, or of all instances of a class, record into a registry of their own rather
 * than into the default one. A registry that a mark itself names wins over this, an instance over its class, a class
 * over those that it extends. `undefined` ends it. Series that have all their labels already appear in the registry
 * with 0.
 *
 * What frameworks call for their users; `promark/nest` does. Throws ConfigError for what is no object or class.
 *
 * @example bindRegistry(new Shop(), registry);
 */
export function bindRegistry(target: object, registry: Registry | undefined): void {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw new ConfigError(`A registry is bound to an instance or a class, not to ${show(target)}.`);
  }
  const former = registryOf(target);
  if (typeof target === 'function') bind((target as AnyClass).prototype as object | undefined, registry);
  bind(target, registry);
  resettle(target, former === registryOf(target) ? undefined : former);
}

function bind(target: object | undefined, registry: Registry | undefined): void {
  if (target === undefined) return;
  if (Object.isExtensible(target) || Object.hasOwn(target, BOUND)) {
    Object.defineProperty(target, BOUND, { value: registry, configurable: true, enumerable: false, writable: true });
  } else if (registry === undefined) frozen.delete(target);
  else {
    frozen.set(target, registry);
    anyFrozen = true;
  }
}

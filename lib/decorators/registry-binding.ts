import type { AnyClass } from '../calls/dialect.js';
import { ConfigError, show } from '../model/errors.js';
import { checkOption, type OptionRule } from '../model/options.js';
import { processWide } from '../model/process-wide.js';
import { defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { registryRule } from '../registry/registry-options.js';
import { registryChanged } from './instrumented-methods.js';

/**
 * The property of an instance, a prototype or a class that holds the registry it is bound to. A property is found with
 * one look-up along the prototype chain, which includes bound subclasses; as a non-enumerable symbol, it is invisible
 * to most code.
 */
const BOUND = Symbol.for('promark.registry.bound');

/** Shared by all copies of promark in a process. */
const shared = processWide('bindings.v1', () => ({
  /** Bound instances that cannot be given a property, because they are frozen or proxies. */
  frozen: new WeakMap<object, Registry>(),
  anyFrozen: false,
  /** Whether anything was bound: most programs have one registry, and need no look-up. */
  any: false,
  /** Every registry that anything was bound to. */
  registries: new WeakSet<object>(),
}));

/**
 * Returns the binding of `self`: undefined for the default registry, or any value if `self` is a proxy that answers to
 * every property. `registryIn` converts it to a registry.
 */
export function bindingOf(self: unknown): unknown {
  if (!shared.any || self === undefined || self === null) return undefined;
  if (shared.anyFrozen) {
    const registry = shared.frozen.get(self as object);
    if (registry !== undefined) return registry;
  }
  try {
    return (self as { readonly [BOUND]?: unknown })[BOUND];
  } catch {
    return undefined;
  }
}

/** Whether anything was ever bound to a registry. */
export function isAnyBound(): boolean {
  return shared.any;
}

/** Returns the registry of a binding. */
export function registryIn(binding: unknown): Registry {
  return shared.registries.has(binding as object) ? (binding as Registry) : defaultRegister;
}

/**
 * Returns the registry in which calls on `self` are recorded: that of the instance, of its class, or the default one.
 */
export function registryOf(self: unknown): Registry {
  return registryIn(bindingOf(self));
}

/** A proxy that throws when it is read may be a registry: what goes wrong with it is counted where it is used. */
const bindable: OptionRule = {
  ...registryRule,
  accepts: (value) => {
    try {
      return registryRule.accepts(value);
    } catch {
      return true;
    }
  },
};

/**
 * Binds an instance, or all instances of a class, to a registry: its instrumented methods record there rather than in
 * the default registry. The `registry` option of a decorator takes precedence over this, an instance over its class,
 * and a class over the classes that it extends. `undefined` removes the binding. Series whose labels are all known are
 * created in the registry with the value 0.
 *
 * Frameworks call it for their users, as `promark/nest` does. Throws ConfigError if `target` is not an object or a
 * class, and if `registry` is not a registry.
 *
 * @example bindRegistry(new Shop(), registry);
 */
export function bindRegistry(target: object, registry: Registry | undefined): void {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw new ConfigError(`bindRegistry() takes an instance or a class, got ${show(target)}.`);
  }
  checkOption('bindRegistry()', 'registry', registry, bindable);
  if (registry !== undefined) {
    shared.registries.add(registry);
    shared.any = true;
  }
  const former = registryOf(target);
  if (typeof target === 'function') bind((target as AnyClass).prototype as object | undefined, registry);
  bind(target, registry);
  registryChanged(target, former === registryOf(target) ? undefined : former);
}

/**
 * Makes `@GaugeFrom` read an instance. Required only with `experimentalDecorators`, which do not report new instances:
 * call it in the constructor, or wherever an instance is created. With standard decorators it has no effect.
 *
 * @example
 * class Queue {
 *   constructor() {
 *     trackGauges(this);
 *   }
 * }
 */
export function trackGauges(instance: object): void {
  if (typeof instance !== 'object' || instance === null) {
    throw new ConfigError(`trackGauges() takes an instance, such as this in a constructor, got ${show(instance)}.`);
  }
  registryChanged(instance, undefined);
}

function bind(target: object | undefined, registry: Registry | undefined): void {
  if (target === undefined) return;
  if (define(target, registry)) return;
  if (registry === undefined) shared.frozen.delete(target);
  else {
    shared.frozen.set(target, registry);
    shared.anyFrozen = true;
  }
}

function define(target: object, value: Registry | undefined): boolean {
  try {
    return Reflect.defineProperty(target, BOUND, { value, configurable: true, enumerable: false, writable: true });
  } catch {
    // The trap of a proxy has thrown.
    return false;
  }
}

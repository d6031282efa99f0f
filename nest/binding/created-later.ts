import type { Type } from '@nestjs/common';
import { type LazyModuleLoader, ModuleRef, type ModulesContainer } from '@nestjs/core';
import { bindRegistry, type Registry } from '../../lib/index.js';

/** A module of an app, as Nest stores it. */
export type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** Calls `then` whenever a module is lazy-loaded by the app's own loader. */
export function onLazyModule(loader: LazyModuleLoader, then: () => void): void {
  const load = loader.load.bind(loader);
  loader.load = async (...args) => {
    const module = await load(...args);
    then();
    return module;
  };
}

/** Calls `then` with every instance that `moduleRef.create(…)` makes in a module. */
export function onCreate({ providers }: AppModule, then: (instance: unknown) => void): void {
  const ref: unknown = providers.get(ModuleRef)?.instance;
  if (!(ref instanceof ModuleRef)) return;
  const create = ref.create.bind(ref) as ModuleRef['create'];
  ref.create = async (...args) => {
    const instance: unknown = await create(...args);
    then(instance);
    return instance as never;
  };
}

/**
 * Returns a subclass whose instances are bound to a registry from the start, for instances that Nest creates later. It
 * keeps the class's metadata, statics and name; instances have the class itself as their constructor.
 */
export function boundClass(type: Type<object>, registry: Registry): Type<object> {
  const bound = class extends type {};
  Object.defineProperty(bound, 'name', { value: type.name });
  Object.defineProperty(bound.prototype, 'constructor', { value: type, configurable: true, writable: true });
  bindRegistry(bound.prototype, registry);
  return bound;
}

import type { Type } from '@nestjs/common';
import { type LazyModuleLoader, ModuleRef, type ModulesContainer } from '@nestjs/core';
import { bindRegistry, type Registry } from '../../lib/index.js';

/** One of the modules of an app, as Nest keeps it. */
export type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** Calls `then` whenever a module has been loaded after the start of the app. The loader is the app's own. */
export function onLazyModule(loader: LazyModuleLoader, then: () => void): void {
  const load = loader.load.bind(loader);
  loader.load = async (...args) => {
    const module = await load(...args);
    then();
    return module;
  };
}

/** Calls `then` with everything that `moduleRef.create(…)` makes in a module. */
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
 * A class whose instances are those of another one and bound to a registry from their first moment on: what Nest makes
 * instances of that do not exist yet. It hands on whatever is said of the class: metadata, statics, name; instances
 * name the class itself as their constructor.
 */
export function boundClass(type: Type<object>, registry: Registry): Type<object> {
  const bound = class extends type {};
  Object.defineProperty(bound, 'name', { value: type.name });
  Object.defineProperty(bound.prototype, 'constructor', { value: type, configurable: true, writable: true });
  bindRegistry(bound.prototype, registry);
  return bound;
}

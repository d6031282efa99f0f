import { type LazyModuleLoader, ModuleRef, type ModulesContainer } from '@nestjs/core';

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

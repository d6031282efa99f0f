import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { bindRegistry, markedMethods, type Registry } from '../lib/index.js';
import { InjectRegistry } from './inject-registry.decorator.js';

/**
 * Binds the app's instances of classes with marked methods to its registry: marked methods of two apps on the same
 * classes are counted apart, and series that have all their labels stand on the page with 0 before the first call.
 */
@Injectable()
export class RegistryBinder implements OnModuleInit {
  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  /** Nest calls this of a global module before that of all others: what they do at their start is counted here. */
  onModuleInit(): void {
    for (const { providers, controllers, injectables } of this.modules.values()) {
      for (const wrapper of [...providers.values(), ...controllers.values(), ...injectables.values()]) {
        // Others than static ones have no instance yet, but one for each request.
        if (wrapper.isDependencyTreeStatic() && isMarked(wrapper.instance)) {
          bindRegistry(wrapper.instance, this.registry);
        }
      }
    }
  }
}

/** Whether a provider's value is an instance of a class with marked methods; anything else is left as it is. */
function isMarked(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: unknown } | null;
  const type = prototype?.constructor;
  return typeof type === 'function' && markedMethods(type as new () => object).length > 0;
}

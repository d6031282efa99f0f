import { Inject, Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { ApplicationConfig, LazyModuleLoader, ModuleRef, ModulesContainer } from '@nestjs/core';
import { bindRegistry, instrumentedMethods, type Registry } from '../../lib/index.js';
import { InjectRegistry } from '../tokens.js';

/** Nest's entry for a provider, controller, guard or similar. */
type Wrapper = AppModule['providers'] extends Map<unknown, infer W> ? W : never;

/**
 * Binds the app's instances of classes with instrumented methods to its registry, so that two apps with the same
 * classes are counted separately and series without dynamic labels are exposed as 0 before the first call.
 */
@Injectable()
export class RegistryBinder implements OnModuleInit {
  /** The modules and wrappers seen so far: lazy modules come later. */
  private readonly visited = new WeakSet<object>();

  constructor(
    @InjectRegistry() private readonly registry: Registry,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(LazyModuleLoader) private readonly lazy: LazyModuleLoader,
  ) {
    // Nest calls `afterInit` of gateways before any hook.
    const wrappers = [...modules.values()].flatMap(({ providers }) => [...providers.values()]);
    for (const wrapper of wrappers) if (isGateway(wrapper.metatype)) this.bindGateway(wrapper);
  }

  /** Nest calls this hook on global modules first, so calls made while other modules start are counted. */
  onModuleInit(): void {
    this.bindModules();
    onLazyModule(this.lazy, () => this.bindModules());
    const { config } = this;
    const globals = [config.getGlobalGuards(), config.getGlobalInterceptors(), config.getGlobalPipes()];
    for (const instance of [...globals.flat(), ...config.getGlobalFilters()]) this.bind(instance);
  }

  private bindModules(): void {
    for (const module of this.modules.values()) {
      if (!this.isFirstVisit(module)) continue;
      onCreate(module, (instance) => this.bind(instance));
      const { providers, controllers, injectables, middlewares } = module;
      for (const wrappers of [providers, controllers, injectables, middlewares]) {
        for (const wrapper of wrappers.values()) if (this.isFirstVisit(wrapper)) this.bindWrapper(wrapper);
      }
    }
  }

  private bindWrapper(wrapper: Wrapper): void {
    if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) {
      this.bind(wrapper.instance);
      return;
    }
    // Others are created for each request or injection.
    for (const host of wrapper.getStaticTransientInstances()) this.bind(host?.instance);
    const { metatype } = wrapper;
    if (typeof metatype !== 'function') return;
    if (Array.isArray(wrapper.inject)) wrapper.metatype = this.boundFactory(metatype as Factory);
    else if (isInstrumentedClass(metatype)) wrapper.metatype = boundClass(metatype, this.registry);
  }

  /** Binds the instance, if Nest has already created it, or its class. */
  private bindGateway(wrapper: Wrapper): void {
    const { metatype } = wrapper;
    if (!isInstrumentedClass(metatype)) return;
    this.bind(wrapper.instance);
    wrapper.metatype = boundClass(metatype, this.registry);
  }

  private boundFactory(factory: Factory): Factory {
    return async (...args) => {
      const value = await factory(...args);
      this.bind(value);
      return value;
    };
  }

  private bind(value: unknown): void {
    if (isInstrumented(value)) bindRegistry(value, this.registry);
  }

  private isFirstVisit(entry: object): boolean {
    if (this.visited.has(entry)) return false;
    this.visited.add(entry);
    return true;
  }
}

/** The metadata key of `@WebSocketGateway`; @nestjs/websockets need not be installed. */
const GATEWAY_METADATA = 'websockets:is_gateway';

function isGateway(metatype: unknown): boolean {
  return typeof metatype === 'function' && Reflect.getMetadata(GATEWAY_METADATA, metatype) === true;
}

type Factory = (...args: unknown[]) => unknown;

/** Whether a provider's value is an instance of a class with instrumented methods. */
function isInstrumented(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: unknown } | null;
  return isInstrumentedClass(prototype?.constructor);
}

function isInstrumentedClass(type: unknown): type is Type<object> {
  return typeof type === 'function' && instrumentedMethods(type as Type<object>).length > 0;
}

/** Nest's entry for a module of an app. */
export type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** Calls a listener whenever the app's loader has loaded a lazy module. */
export function onLazyModule(loader: LazyModuleLoader, listener: () => void): void {
  const load = loader.load.bind(loader);
  loader.load = async (...args) => {
    const module = await load(...args);
    listener();
    return module;
  };
}

/** Calls a listener with every instance that `moduleRef.create(…)` creates in a module. */
export function onCreate({ providers }: AppModule, listener: (instance: unknown) => void): void {
  const ref: unknown = providers.get(ModuleRef)?.instance;
  if (!(ref instanceof ModuleRef)) return;
  const create = ref.create.bind(ref) as ModuleRef['create'];
  ref.create = async (...args) => {
    const instance: unknown = await create(...args);
    listener(instance);
    return instance as never;
  };
}

/**
 * Returns a subclass whose instances are bound to a registry, for instances that Nest creates later. It keeps the
 * class's metadata, statics and name, and its instances have the class itself as their constructor.
 */
export function boundClass(type: Type<object>, registry: Registry): Type<object> {
  const bound = class extends type {};
  Object.defineProperty(bound, 'name', { value: type.name });
  Object.defineProperty(bound.prototype, 'constructor', { value: type, configurable: true, writable: true });
  bindRegistry(bound.prototype, registry);
  return bound;
}

import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Optional,
  type Provider,
  type Type,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ConfigError, type Registry, register } from '../lib/index.js';
import { asyncOptionsProviders, checkAsyncOptions, type PrometheusModuleAsyncOptions } from './async-options.js';
import { RegistryBinder } from './binding/registry-binder.service.js';
import { checkModuleOptions } from './check-options.js';
import { LivePageHandler, livePageControllerClass, metricsControllerClass } from './endpoint/controllers.js';
import { Endpoint, OutsideEndpoint } from './endpoint/endpoint.service.js';
import { EndpointAuthGuard, ScrapeAuthorizer } from './endpoint/endpoint-auth.js';
import { HandlerMetricsService } from './handlers/handler-metrics.service.js';
import { HttpMetricsService } from './http/http-metrics.service.js';
import {
  DefaultMetricsService,
  HttpClientMetricsService,
  MetricsServerService,
  MultiprocessService,
  Observables,
  PushService,
} from './lifecycle.services.js';
import type { MetricDefinition } from './metrics/metric-definition.js';
import { featureModule, MetricUpdates } from './metrics/provide-metric.js';
import type {
  PrometheusModuleOptions,
  PrometheusModuleSettings,
  PrometheusModuleShape,
  PrometheusOptions,
} from './module-options.js';
import {
  type PrometheusAsyncOptions,
  PrometheusController,
  registerOptionsProviders,
  rootOptions,
  rootSettings,
  withRegisterProviders,
} from './nestjs-prometheus.js';
import { ENDPOINT, OPTIONS, REGISTER_OPTIONS, REGISTRY, UPDATES } from './tokens.js';

/**
 * Exposes an app's metrics to Prometheus: adds the endpoint `/metrics`, default metrics and an injectable registry.
 *
 * @example
 * @Module({ imports: [PrometheusModule.forRoot()] })
 * export class AppModule {}
 */
@Module({})
export class PrometheusModule implements NestModule {
  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    // Optional, so that the mistake `imports: [PrometheusModule]` gets a message that says what to write.
    @Optional() @Inject(Endpoint) private readonly endpoint: Endpoint | undefined,
    @Optional() @Inject(HttpMetricsService) private readonly http: HttpMetricsService | undefined,
  ) {
    if (endpoint === undefined || http === undefined) {
      throw new ConfigError(
        'PrometheusModule is imported without options. Write `imports: [PrometheusModule.forRoot()]` in the root module, ' +
          'once; other modules need not import it, or import PrometheusModule.forFeature([…]).',
      );
    }
    checkSingleRoot(modules, PrometheusModule);
  }

  /**
   * Returns the module for the app's root, with the options and the behavior of `@willsoto/nestjs-prometheus`: metrics
   * come from `makeCounterProvider` and the like, the endpoint is under the global prefix, and requests are not measured.
   * New apps use `forRoot`. Throws ConfigError for an unknown or invalid option.
   */
  static register(options: PrometheusOptions = {}): DynamicModule {
    const root = PrometheusModule.forRoot(rootOptions(options));
    return withRegisterProviders(root, [{ provide: REGISTER_OPTIONS, useValue: options }]);
  }

  /** Returns the same module as `register`, with options from a factory. */
  static registerAsync(options: PrometheusAsyncOptions): DynamicModule {
    const optionsProviders = registerOptionsProviders(options);
    const { imports, controller = PrometheusController, global = false } = options;
    const root = PrometheusModule.forRootAsync({
      ...(imports !== undefined && { imports }),
      controller: controller as Type<object>,
      global,
      inject: [REGISTER_OPTIONS],
      useFactory: rootSettings,
    });
    return withRegisterProviders(root, optionsProviders);
  }

  /** Returns the module for the app's root. Throws ConfigError for an unknown or invalid option. */
  static forRoot(options: PrometheusModuleOptions = {}): DynamicModule {
    checkModuleOptions(options);
    return moduleOf(options, [{ provide: OPTIONS, useValue: options }]);
  }

  /**
   * Returns the module for the app's root with options from a factory, which runs when the app starts. `controller`,
   * `guards` and `global` are passed next to the factory. Throws ConfigError as `forRoot` does; for options from the
   * factory, the app's start fails with it.
   *
   * @example
   * PrometheusModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ auth: { bearer: config.getOrThrow('SCRAPE_TOKEN') } }),
   * })
   */
  static forRootAsync(options: PrometheusModuleAsyncOptions): DynamicModule {
    checkAsyncOptions(options);
    return { ...moduleOf(options, asyncOptionsProviders(options)), imports: options.imports ?? [] };
  }

  /**
   * Provides metrics that the importing module can inject. Several modules may share a definition, or have equal
   * definitions of one name; if they differ, the app does not start. Throws ConfigError for anything but definitions.
   */
  static forFeature(definitions: readonly MetricDefinition[]): DynamicModule {
    return featureModule(definitions);
  }

  /** Called by Nest after the app has set its global prefix and before it creates its routes. */
  configure(_consumer: MiddlewareConsumer): void {
    this.http?.attach();
    this.endpoint?.mount();
  }
}

function moduleOf(shape: PrometheusModuleShape, options: readonly Provider[]): DynamicModule {
  const metrics = metricsControllerClass(shape);
  const livePage = livePageControllerClass(metrics);
  return {
    module: PrometheusModule,
    global: shape.global ?? true,
    controllers: metrics === undefined || livePage === undefined ? [] : [metrics, livePage],
    providers: [
      ...options,
      // Depends on the service, so that the registry is shared before anything is recorded.
      { provide: REGISTRY, useFactory: registryFor, inject: [OPTIONS, MultiprocessService] },
      MultiprocessService,
      { provide: ENDPOINT, useValue: metrics === undefined ? {} : { metrics, livePage } },
      ScrapeAuthorizer,
      EndpointAuthGuard,
      LivePageHandler,
      OutsideEndpoint,
      Endpoint,
      DefaultMetricsService,
      HttpClientMetricsService,
      HttpMetricsService,
      HandlerMetricsService,
      MetricsServerService,
      PushService,
      Observables,
      { provide: UPDATES, useClass: MetricUpdates },
      RegistryBinder,
    ],
    exports: [REGISTRY, UPDATES, MetricsServerService],
  };
}

/** Returns the registry of an app, with its default labels and prefix. Called once when the app starts. */
export function registryFor({ registry = register, defaultLabels, prefix }: PrometheusModuleSettings): Registry {
  if (defaultLabels !== undefined) registry.setDefaultLabels(defaultLabels);
  if (prefix !== undefined) registry.setPrefix(prefix);
  return registry;
}

/** Throws ConfigError if an app imports the root module twice, because both would bind its instances. */
export function checkSingleRoot(modules: ModulesContainer, root: Type<object>): void {
  const all = [...modules.values()];
  const roots = all.filter(({ metatype }) => metatype === root);
  if (roots.length < 2) return;
  const names = all.filter((module) => imports(module.metatype, root)).map(({ name }) => name);
  const where = names.length === 0 ? '' : `, by ${[...new Set(names)].join(' and ')}`;
  throw new ConfigError(
    `PrometheusModule.forRoot is imported ${roots.length} times in one app${where}. Import it once, in the app's root ` +
      'module; it is global. Other modules add metrics with PrometheusModule.forFeature.',
  );
}

/**
 * Whether a module imports the root module itself. Reads the class's metadata, because Nest adds global modules to the
 * imports of every module.
 */
function imports(module: object, root: object): boolean {
  const imported: unknown = Reflect.getMetadata('imports', module);
  return Array.isArray(imported) && imported.some((one: { module?: unknown } | undefined) => one?.module === root);
}

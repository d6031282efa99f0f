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
import { checkOptions } from './check-options.js';
import { DefaultMetricsService } from './default-metrics.service.js';
import { Endpoint } from './endpoint/endpoint.service.js';
import { EndpointAuthGuard, ScrapeAuthorizer } from './endpoint/endpoint-auth.js';
import { metricsControllerClass } from './endpoint/metrics-controller-class.js';
import { OutsideEndpoint } from './endpoint/outside-endpoint.service.js';
import { HandlerMetricsService } from './handlers/handler-metrics.service.js';
import { HttpMetricsService } from './http/http-metrics.service.js';
import type { MetricDefinition } from './metrics/metric-definition.js';
import { featureModule } from './metrics/prometheus-feature.module.js';
import { MetricUpdates } from './metrics/provide-metric.js';
import { MetricsServerService } from './metrics-server.service.js';
import { Observables } from './observables.service.js';
import type { PrometheusModuleOptions, PrometheusModuleSettings, PrometheusModuleShape } from './options.js';
import { PushService } from './push.service.js';
import { ENDPOINT, OPTIONS, REGISTRY, UPDATES } from './tokens.js';

/**
 * Shows an app's metrics to Prometheus: adds the endpoint `/metrics`, default metrics, and the registry as something
 * to inject.
 *
 * @example
 * @Module({ imports: [PrometheusModule.forRoot()] })
 * export class AppModule {}
 */
@Module({})
export class PrometheusModule implements NestModule {
  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    // Optional, so that a plain `imports: [PrometheusModule]` gets a message that says what to write.
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
   * `register` belongs to other packages. Throws ConfigError.
   *
   * @deprecated Write `PrometheusModule.forRoot(…)`.
   */
  static register(_options?: object): never {
    throw new ConfigError('PrometheusModule has no register(…). Write PrometheusModule.forRoot(…).');
  }

  /**
   * `registerAsync` belongs to other packages. Throws ConfigError.
   *
   * @deprecated Write `PrometheusModule.forRootAsync(…)`.
   */
  static registerAsync(_options?: object): never {
    throw new ConfigError('PrometheusModule has no registerAsync(…). Write PrometheusModule.forRootAsync(…).');
  }

  /** Makes the module for the app's root. Throws ConfigError for an option that is unknown or of no use. */
  static forRoot(options: PrometheusModuleOptions = {}): DynamicModule {
    checkOptions(options);
    return moduleOf(options, [{ provide: OPTIONS, useValue: options }]);
  }

  /**
   * Makes the module for the app's root, with options that a factory gives when the app starts. `controller`, `guards`
   * and `global` stand beside the factory. Throws ConfigError as `forRoot` does; for what the factory gives, at start.
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
   * Makes metrics that the importing module can inject. Several modules may have the same definition, or definitions
   * that agree; where they do not, the app does not start. Throws ConfigError for what is no definition.
   */
  static forFeature(definitions: readonly MetricDefinition[]): DynamicModule {
    return featureModule(definitions);
  }

  /** Called by Nest when the app has set its global prefix and has not made its routes yet. */
  configure(_consumer: MiddlewareConsumer): void {
    this.http?.attach();
    this.endpoint?.place();
  }
}

function moduleOf(shape: PrometheusModuleShape, options: readonly Provider[]): DynamicModule {
  const controller = metricsControllerClass(shape);
  return {
    module: PrometheusModule,
    global: shape.global ?? true,
    controllers: controller === undefined ? [] : [controller],
    providers: [
      ...options,
      { provide: REGISTRY, useFactory: registryFor, inject: [OPTIONS] },
      { provide: ENDPOINT, useFactory: () => controller },
      ScrapeAuthorizer,
      EndpointAuthGuard,
      OutsideEndpoint,
      Endpoint,
      DefaultMetricsService,
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

/** The registry of an app, with its default labels and prefix. Called when the app starts, once for each. */
export function registryFor({ registry = register, defaultLabels, prefix }: PrometheusModuleSettings): Registry {
  if (defaultLabels !== undefined) registry.setDefaultLabels(defaultLabels);
  if (prefix !== undefined) registry.setPrefix(prefix);
  return registry;
}

/** Refuses an app that has the root module twice: two of them would fight over its instances. Throws ConfigError. */
export function checkSingleRoot(modules: ModulesContainer, root: Type<object>): void {
  const all = [...modules.values()];
  const roots = all.filter(({ metatype }) => metatype === root);
  if (roots.length < 2) return;
  const names = all.filter((module) => imports(module.metatype, root)).map(({ name }) => name);
  const where = names.length === 0 ? '' : `, by ${[...new Set(names)].join(' and ')}`;
  throw new ConfigError(
    `PrometheusModule.forRoot is imported ${roots.length} times in one app${where}. Import it once, in the app's root ` +
      'module; it is global. Other modules add metrics by PrometheusModule.forFeature.',
  );
}

/** By what the class says: a global module stands among the imports of every module of the app. */
function imports(module: object, root: object): boolean {
  const imported: unknown = Reflect.getMetadata('imports', module);
  return Array.isArray(imported) && imported.some((one: { module?: unknown } | undefined) => one?.module === root);
}

import { type DynamicModule, Inject, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { checkOptions } from './check-options.js';
import { DefaultMetricsService } from './default-metrics.service.js';
import { metricsControllerAt } from './metrics-controller-at.js';
import type { PrometheusModuleOptions } from './options.js';
import { keepOutsidePrefix } from './outside-prefix.js';
import { RegistryBinder } from './registry-binder.service.js';
import { registryFor } from './registry-for.js';
import { ENDPOINT, OPTIONS, REGISTRY } from './tokens.js';

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
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(OPTIONS) private readonly options: PrometheusModuleOptions,
    @Inject(ENDPOINT) private readonly endpoint: string | undefined,
  ) {}

  /** Makes the module for the app's root. Throws ConfigError for an option that is unknown or of no use. */
  static forRoot(options: PrometheusModuleOptions = {}): DynamicModule {
    checkOptions(options);
    const placed = metricsControllerAt(options);
    return {
      module: PrometheusModule,
      global: options.global ?? true,
      controllers: placed === undefined ? [] : [placed.controller],
      providers: [
        { provide: OPTIONS, useValue: options },
        { provide: REGISTRY, useFactory: registryFor, inject: [OPTIONS] },
        { provide: ENDPOINT, useValue: placed?.path },
        DefaultMetricsService,
        RegistryBinder,
      ],
      exports: [REGISTRY],
    };
  }

  /** Called by Nest when the app has set its global prefix and has not made its routes yet. */
  configure(_consumer: MiddlewareConsumer): void {
    if (this.endpoint !== undefined && this.options.underGlobalPrefix !== true) {
      keepOutsidePrefix(this.config, this.endpoint);
    }
  }
}

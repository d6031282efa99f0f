import type { DynamicModule, ModuleMetadata, Provider, Type } from '@nestjs/common';
import {
  ConfigError,
  type LabelValue,
  Pushgateway,
  type PushgatewayOptions,
  type RegistryContentType,
} from '../lib/index.js';
import { factoryProviders, type PrometheusOptionsFactory } from './async-options.js';
import { PrometheusController } from './endpoint/prometheus.controller.js';
import type { PrometheusModuleOptions, PrometheusOptions, PrometheusUseFactoryOptions } from './module-options.js';
import { REGISTERED } from './tokens.js';

/** Options of `PrometheusModule.registerAsync`: those of `@willsoto/nestjs-prometheus`. The content type has no effect. */
export interface PrometheusAsyncOptions<T extends RegistryContentType = RegistryContentType>
  extends Pick<ModuleMetadata, 'imports'> {
  readonly global?: boolean;
  readonly useExisting?: Type<PrometheusOptionsFactory>;
  readonly useClass?: Type<PrometheusOptionsFactory>;
  // Nest does not type a factory's parameters either.
  readonly useFactory?: (
    ...injected: never[]
  ) => PrometheusUseFactoryOptions<T> | Promise<PrometheusUseFactoryOptions<T>>;
  readonly inject?: NonNullable<Extract<Provider, { useFactory: unknown }>['inject']>;
  readonly controller?: Type<unknown>;
}

/** Converts the options to those of `forRoot`. */
export function rootOptions(options: PrometheusOptions): PrometheusModuleOptions {
  const {
    customMetricPrefix: _,
    pushgateway: __,
    global,
    controller,
    defaultMetrics,
    defaultLabels,
    ...others
  } = options;
  const { enabled = true, config = {} } = defaultMetrics ?? {};
  return {
    path: '/metrics',
    underGlobalPrefix: true,
    http: false,
    handlers: false,
    ...others,
    global: global ?? false,
    controller: (controller as Type<object> | undefined) ?? PrometheusController,
    defaultMetrics: enabled && config,
    ...(defaultLabels !== undefined && { defaultLabels: defaultLabels as { [label: string]: LabelValue } }),
  };
}

/** Converts the result of a factory of `registerAsync` to that of a factory of `forRootAsync`. */
export function rootSettings(
  options: PrometheusOptions | undefined,
): Omit<PrometheusModuleOptions, 'controller' | 'global'> {
  const { controller: _, global: __, guards: ___, ...settings } = rootOptions(options ?? {});
  return settings;
}

/** Adds providers for other modules to the module that `forRoot` returned. */
export function withRegistered(module: DynamicModule, registered: readonly Provider[]): DynamicModule {
  const providers: Provider[] = [
    ...registered,
    {
      provide: Pushgateway,
      inject: [REGISTERED],
      useFactory: ({ pushgateway }: PrometheusOptions = {}) =>
        pushgateway === undefined
          ? null
          : new Pushgateway(pushgateway.url, pushgateway.options as PushgatewayOptions, pushgateway.registry),
    },
  ];
  return {
    ...module,
    providers: [...(module.providers ?? []), ...providers],
    exports: [...(module.exports ?? []), REGISTERED, Pushgateway],
  };
}

/** Returns the providers of the options that a factory of `registerAsync` creates. */
export function registeredProviders(options: PrometheusAsyncOptions): Provider[] {
  if (options.useFactory === undefined && options.useClass === undefined && options.useExisting === undefined) {
    throw new ConfigError(
      'PrometheusModule.registerAsync takes one of useFactory, useClass and useExisting, got none.',
    );
  }
  return factoryProviders(REGISTERED, options, (given: PrometheusOptions) => given);
}

import {
  Controller,
  type DynamicModule,
  Get,
  type ModuleMetadata,
  Optional,
  type Provider,
  Res,
  type Type,
} from '@nestjs/common';
import {
  ConfigError,
  Counter,
  type CounterConfig,
  checkOptions,
  Gauge,
  type GaugeConfig,
  Histogram,
  type HistogramConfig,
  type LabelValue,
  Pushgateway,
  type PushgatewayOptions,
  type Registrable,
  type Registry,
  type RegistryContentType,
  register,
  rule,
  Summary,
  type SummaryConfig,
} from '../lib/index.js';
import { asyncRules, factoryProviders, type PrometheusOptionsFactory } from './async-options.js';
import type { PrometheusModuleOptions, PrometheusOptions, PrometheusUseFactoryOptions } from './module-options.js';
import { InjectRegistry, nameToken, OPTIONAL_REGISTRY, REGISTER_OPTIONS } from './tokens.js';

// The API of @willsoto/nestjs-prometheus, for apps that move from it.

/** What the responses of Express and Fastify have in common. */
interface Reply {
  header(name: string, value: string): unknown;
}

/**
 * The controller of `PrometheusModule.register`, as in `@willsoto/nestjs-prometheus`: returns the registry's page, in the
 * registry's own format, to Nest. Extend it to change the endpoint.
 *
 * @example
 * @Controller()
 * class MyController extends PrometheusController {
 *   @Get()
 *   index(@Res({ passthrough: true }) response: Response) {
 *     return super.index(response);
 *   }
 * }
 */
@Controller()
export class PrometheusController {
  constructor(@Optional() @InjectRegistry() private readonly registry: Registry = register) {}

  /** Sets the `Content-Type` of the response and returns the page. */
  @Get()
  async index(@Res({ passthrough: true }) response: unknown): Promise<string> {
    // The constructor of a subclass may not have set it.
    const registry = this.registry ?? register;
    (response as Reply).header('Content-Type', registry.contentType);
    return registry.metrics();
  }
}

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

/** Converts options of `register` to those of `forRoot`. */
export function rootOptions(options: PrometheusOptions): PrometheusModuleOptions {
  // forRoot refuses it.
  if (!rule.object.accepts(options)) return options as never;
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

/** Converts the options that a factory of `registerAsync` returned to those of a factory of `forRootAsync`. */
export function rootSettings(
  options: PrometheusOptions | undefined,
): Omit<PrometheusModuleOptions, 'controller' | 'global'> {
  const { controller: _, global: __, guards: ___, ...settings } = rootOptions(options ?? {});
  return settings;
}

/** Adds the options of `register` and the Pushgateway to the providers of a module that `forRoot` returned. */
export function withRegisterProviders(module: DynamicModule, optionsProviders: readonly Provider[]): DynamicModule {
  const providers: Provider[] = [
    ...optionsProviders,
    {
      provide: Pushgateway,
      inject: [REGISTER_OPTIONS],
      useFactory: ({ pushgateway }: PrometheusOptions = {}) =>
        pushgateway === undefined
          ? null
          : new Pushgateway(pushgateway.url, pushgateway.options as PushgatewayOptions, pushgateway.registry),
    },
  ];
  return {
    ...module,
    providers: [...(module.providers ?? []), ...providers],
    exports: [...(module.exports ?? []), REGISTER_OPTIONS, Pushgateway],
  };
}

/** Returns the providers of the options of `registerAsync`. */
export function registerOptionsProviders(options: PrometheusAsyncOptions): Provider[] {
  const { guards: _, ...rules } = asyncRules;
  checkOptions<PrometheusAsyncOptions>('PrometheusModule.registerAsync', options, rules);
  if (options.useFactory === undefined && options.useClass === undefined && options.useExisting === undefined) {
    throw new ConfigError(
      'PrometheusModule.registerAsync takes one of useFactory, useClass and useExisting, got none.',
    );
  }
  return factoryProviders(REGISTER_OPTIONS, options, (created: PrometheusOptions) => created);
}

/** The providers to pass to `collect`. */
export type MetricProviderInject = NonNullable<Extract<Provider, { useFactory: unknown }>['inject']>;

/** A `collect` that is called with injected services. */
export interface MetricProviderInjectable<M> {
  /** The providers to pass to `collect`. */
  readonly inject?: MetricProviderInject;
  /** Called before every page, with the metric as `this`. */
  // biome-ignore lint/suspicious/noExplicitAny: programs written for @willsoto/nestjs-prometheus need not annotate them
  readonly collect?: (this: M, ...injected: any[]) => void | Promise<void>;
}

/** A metric's config with such a `collect`. */
type ProviderConfig<C, M> = Omit<C, 'collect'> & MetricProviderInjectable<M>;

/**
 * Returns the provider of a counter, for the `providers` of a module, as in `@willsoto/nestjs-prometheus`. Inject the
 * counter with `@InjectMetric(name)`. If the registry already has a metric of this name, that one is used; if its type,
 * labels or buckets differ, the app does not start (ConflictError).
 */
export function makeCounterProvider(options: ProviderConfig<CounterConfig<string>, Counter<string>>): Provider {
  return providerOf(Counter<string>, options);
}

/** Returns the provider of a gauge; see `makeCounterProvider`. */
export function makeGaugeProvider(options: ProviderConfig<GaugeConfig<string>, Gauge<string>>): Provider {
  return providerOf(Gauge<string>, options);
}

/** Returns the provider of a histogram; see `makeCounterProvider`. */
export function makeHistogramProvider(options: ProviderConfig<HistogramConfig<string>, Histogram<string>>): Provider {
  return providerOf(Histogram<string>, options);
}

/** Returns the provider of a summary; see `makeCounterProvider`. */
export function makeSummaryProvider(options: ProviderConfig<SummaryConfig<string>, Summary<string>>): Provider {
  return providerOf(Summary<string>, options);
}

/** Returns the injection token of a metric by its name, for `useFactory` providers and for tests. */
export function getToken(name: string): symbol {
  return nameToken(name);
}

interface AnyConfig {
  readonly name: string;
  readonly registers?: readonly unknown[];
  readonly inject?: MetricProviderInject;
  readonly collect?: (...injected: never[]) => void | Promise<void>;
}

function providerOf<M extends Registrable & { collect?: unknown }>(
  type: new (config: never) => M,
  options: AnyConfig,
): Provider {
  const metricClass = type as new (config: object) => M;
  // The constructor throws an error that says what is wrong.
  if (typeof options?.name !== 'string') new metricClass({ ...(options as object | undefined), registers: [] });
  const { inject = [], collect, ...config } = options;
  return {
    provide: nameToken(config.name),
    inject: [{ token: REGISTER_OPTIONS, optional: true }, OPTIONAL_REGISTRY, ...inject],
    useFactory: (options: PrometheusOptions | undefined, registry: Registry | undefined, ...injected: never[]) => {
      const prefix = options?.customMetricPrefix;
      const prefixed = { ...config, name: prefix ? `${prefix}_${config.name}` : config.name };
      const metric =
        config.registers === undefined
          ? (registry ?? register).getOrCreate(metricClass, prefixed)
          : new metricClass(prefixed);
      if (collect !== undefined) metric.collect = () => collect.apply(metric as never, injected);
      return metric;
    },
  };
}

import type { Provider } from '@nestjs/common';
import {
  Counter,
  type CounterConfig,
  Gauge,
  type GaugeConfig,
  Histogram,
  type HistogramConfig,
  type Registrable,
  type Registry,
  register,
  Summary,
  type SummaryConfig,
} from '../../lib/index.js';
import type { PrometheusOptions } from '../module-options.js';
import { nameToken, REGISTERED, REGISTRY } from '../tokens.js';

/** Providers to pass to `collect`, under the name of `@willsoto/nestjs-prometheus`. */
export type MetricProviderInject = NonNullable<Extract<Provider, { useFactory: unknown }>['inject']>;

/** A `collect` that is called with injected services, under the name of `@willsoto/nestjs-prometheus`. */
export interface MetricProviderInjectable<M> {
  /** The providers to pass to `collect`. */
  readonly inject?: MetricProviderInject;
  /** Called before every page, with the metric as `this`. */
  // biome-ignore lint/suspicious/noExplicitAny: programs written for @willsoto/nestjs-prometheus need not annotate them
  readonly collect?: (this: M, ...injected: any[]) => void | Promise<void>;
}

/** A metric's config with such a `collect`. */
type Provided<C, M> = Omit<C, 'collect'> & MetricProviderInjectable<M>;

/**
 * Returns the provider of a counter, for `providers` of a module, as in `@willsoto/nestjs-prometheus`. Inject it with
 * `@InjectMetric(name)`. If the registry already has a metric of this name, that one is used; if its type, labels or
 * buckets differ, the app does not start (ConflictError).
 */
export function makeCounterProvider(options: Provided<CounterConfig<string>, Counter<string>>): Provider {
  return providerOf(Counter<string>, options);
}

/** Returns the provider of a gauge; see `makeCounterProvider`. */
export function makeGaugeProvider(options: Provided<GaugeConfig<string>, Gauge<string>>): Provider {
  return providerOf(Gauge<string>, options);
}

/** Returns the provider of a histogram; see `makeCounterProvider`. */
export function makeHistogramProvider(options: Provided<HistogramConfig<string>, Histogram<string>>): Provider {
  return providerOf(Histogram<string>, options);
}

/** Returns the provider of a summary; see `makeCounterProvider`. */
export function makeSummaryProvider(options: Provided<SummaryConfig<string>, Summary<string>>): Provider {
  return providerOf(Summary<string>, options);
}

/** Returns the injection token of the metric of a name, for `useFactory` providers and for tests. */
export function getToken(name: string): symbol {
  return nameToken(name);
}

interface AnyConfig {
  readonly name: string;
  readonly registers?: readonly unknown[];
  readonly inject?: MetricProviderInject;
  readonly collect?: (...injected: never[]) => void | Promise<void>;
}

function providerOf<M extends Registrable & { collect: unknown }>(
  type: new (config: never) => M,
  { inject = [], collect, ...given }: AnyConfig,
): Provider {
  const make = type as new (config: object) => M;
  return {
    provide: nameToken(given.name),
    inject: [{ token: REGISTERED, optional: true }, { token: REGISTRY, optional: true }, ...inject],
    useFactory: (options: PrometheusOptions | undefined, registry: Registry | undefined, ...injected: never[]) => {
      const prefix = options?.customMetricPrefix;
      const config = { ...given, name: prefix ? `${prefix}_${given.name}` : given.name };
      const metric =
        given.registers === undefined ? (registry ?? register).getOrCreate(make, config) : new make(config);
      if (collect !== undefined) metric.collect = () => collect.apply(metric as never, injected);
      return metric;
    },
  };
}

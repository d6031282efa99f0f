import type { Abstract, InjectionToken, Provider, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ConfigError, type Registry } from '../../lib/index.js';
import { UPDATES } from '../tokens.js';
import { metricToken } from './inject-metric.decorator.js';
import { type AnyMetric, isDefinition, type MetricDefinition } from './metric-definition.js';
import { metricIn, REGISTRY_IF_ANY } from './metric-in.js';
import type { MetricUpdates } from './metric-updates.service.js';

/** What Nest injects for tokens. A name or a symbol says nothing of it: `collect` says itself then what it takes. */
type Injected<T extends readonly InjectionToken[]> = {
  [K in keyof T]: T[K] extends Type<infer I> | Abstract<infer I> ? I : never;
};

/** How a metric is brought up to date before every page. */
export interface MetricUpdate<M, T extends readonly InjectionToken[]> {
  /** What `collect` needs. */
  readonly inject: readonly [...T];
  /** Called before every page with the metric and what was injected. May be async. */
  readonly collect: (metric: M, ...injected: Injected<T>) => void | Promise<void>;
}

/**
 * The providers of a metric whose `collect` needs services of the app. Put them among the providers of the module that
 * has these services; the metric can be injected there as one of `forFeature`.
 *
 * @example
 * const queueLength = defineGauge({ name: 'queue_length', help: 'Parcels that wait' });
 *
 * @Module({
 *   providers: [Queue, ...provideMetric(queueLength, {
 *     inject: [Queue],
 *     collect: (gauge, queue) => gauge.set(queue.length),
 *   })],
 * })
 */
export function provideMetric<M extends AnyMetric, const T extends readonly InjectionToken[]>(
  definition: MetricDefinition<M>,
  { inject, collect }: MetricUpdate<M, T>,
): Provider[] {
  if (!isDefinition(definition) || !Array.isArray(inject) || typeof collect !== 'function') {
    throw new ConfigError(
      'provideMetric takes a definition and { inject, collect }: an array of providers and a function that gets the ' +
        'metric and what they are.',
    );
  }
  const { name, token } = definition;
  return [
    {
      provide: token,
      inject: [REGISTRY_IF_ANY, ModulesContainer, { token: UPDATES, optional: true }, ...inject],
      useFactory: (
        registry: Registry | undefined,
        modules: ModulesContainer,
        updates: MetricUpdates | undefined,
        ...injected: unknown[]
      ) => {
        const metric = metricIn(registry, definition, modules);
        updates?.begin(metric, () => collect(metric as unknown as M, ...(injected as Injected<T>)));
        return metric;
      },
    },
    { provide: metricToken(name), useExisting: token },
  ];
}

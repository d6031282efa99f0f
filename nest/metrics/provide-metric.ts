import {
  type Abstract,
  Inject,
  Injectable,
  type InjectionToken,
  type OnApplicationShutdown,
  type Provider,
  type Type,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ConfigError, type Registry } from '../../lib/index.js';
import { PushService } from '../lifecycle.services.js';
import { UPDATES } from '../tokens.js';
import {
  type AnyMetric,
  isDefinition,
  type MetricDefinition,
  metricIn,
  metricToken,
  REGISTRY_IF_ANY,
} from './metric-definition.js';

type Collect = () => void | Promise<void>;

interface Updated {
  collect: Collect | undefined;
}

/** The metrics that services of the app update, until the app shuts down. */
@Injectable()
export class MetricUpdates implements OnApplicationShutdown {
  private readonly updates = new Map<Updated, Collect>();

  constructor(@Inject(PushService) private readonly push: PushService) {}

  /** Lets this app update a metric, in place of an earlier app on the same registry. */
  begin(metric: AnyMetric, collect: Collect): void {
    const updated = metric as unknown as Updated;
    updated.collect = collect;
    this.updates.set(updated, collect);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.push.stop();
    for (const [metric, collect] of this.updates) {
      // Another app may have replaced it.
      if (metric.collect === collect) metric.collect = undefined;
    }
    this.updates.clear();
  }
}

/** The types that Nest injects for tokens. Names and symbols have none: `collect` annotates its own parameters then. */
type Injected<T extends readonly InjectionToken[]> = {
  [K in keyof T]: T[K] extends Type<infer I> | Abstract<infer I> ? I : never;
};

/** How a metric is updated before every scrape. */
export interface MetricUpdate<M, T extends readonly InjectionToken[]> {
  /** The providers that `collect` needs. */
  readonly inject: readonly [...T];
  /** Called before every scrape with the metric and the injected providers. May be async. */
  readonly collect: (metric: M, ...injected: Injected<T>) => void | Promise<void>;
}

/**
 * Returns the providers of a metric whose `collect` needs services of the app. Add them to the providers of the module
 * that has these services; the metric can be injected there like one of `forFeature`.
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

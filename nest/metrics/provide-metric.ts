import {
  type Abstract,
  type DynamicModule,
  Inject,
  Injectable,
  type InjectionToken,
  Module,
  type OnApplicationShutdown,
  type Provider,
  type Type,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ConfigError, ConflictError, type Registry } from '../../lib/index.js';
import { PushService } from '../lifecycle.services.js';
import { OPTIONAL_REGISTRY, UPDATES } from '../tokens.js';
import { type AnyMetric, isDefinition, type MetricDefinition, metricToken } from './metric-definition.js';

/** Provides the metrics that one module of the app defines. */
@Module({})
class PrometheusFeatureModule {}

/** Returns the module of these definitions. Throws ConfigError for anything else. */
export function featureModule(definitions: readonly MetricDefinition[]): DynamicModule {
  checkDefinitions(definitions);
  const providers = definitions.flatMap((definition) => [
    {
      provide: definition.token,
      inject: [OPTIONAL_REGISTRY, ModulesContainer],
      useFactory: (registry: Registry | undefined, modules: ModulesContainer) =>
        metricIn(registry, definition, modules),
    },
    aliasByName(definition),
  ]);
  return { module: PrometheusFeatureModule, providers, exports: providers };
}

/** Lets a metric be injected by its name too. */
function aliasByName({ name, token }: MetricDefinition): Provider {
  return { provide: metricToken(name), useExisting: token };
}

function checkDefinitions(definitions: readonly unknown[]): void {
  if (Array.isArray(definitions) && definitions.every(isDefinition)) {
    const names = definitions.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice === undefined) return;
    throw new ConfigError(`PrometheusModule.forFeature got two definitions of "${twice}". Leave one out.`);
  }
  throw new ConfigError(
    'PrometheusModule.forFeature takes an array of definitions, made by defineCounter, defineGauge, defineHistogram, ' +
      'defineSummary, defineInfo or defineStateSet.',
  );
}

/**
 * Returns the metric of a definition. Throws ConflictError, naming both metrics and their modules, or ConfigError if
 * there is no registry.
 */
function metricIn(registry: Registry | undefined, definition: MetricDefinition, modules: ModulesContainer): AnyMetric {
  if (registry === undefined) throw missingRegistry(definition.name);
  try {
    return definition.in(registry);
  } catch (error) {
    const definedFor = modulesDefining(definition.name, modules);
    if (!(error instanceof ConflictError) || definedFor.length === 0) throw error;
    throw new ConflictError(
      `${error.message} The name "${definition.name}" is defined for ${definedFor.join(' and ')}.`,
    );
  }
}

function missingRegistry(name: string): ConfigError {
  return new ConfigError(
    `There is no registry for the metric "${name}". Import PrometheusModule.forRoot() in the app's root module, without ` +
      '`global: false`; in a test of a single module, import it next to that module.',
  );
}

/** Returns the names of the modules that import or provide a definition of the name. */
function modulesDefining(name: string, modules: ModulesContainer): string[] {
  const token = metricToken(name);
  const all = [...modules.values()];
  const providing = new Set(all.filter(({ providers }) => providers.has(token)));
  const importing = all.filter(
    (module) =>
      module.name !== PrometheusFeatureModule.name &&
      (providing.has(module) || [...module.imports].some((imported) => providing.has(imported))),
  );
  return importing.map((module) => module.name);
}

type Collect = () => void | Promise<void>;

interface UpdatedMetric {
  collect: Collect | undefined;
}

/** Keeps metrics updated by services of the app until it shuts down. */
@Injectable()
export class MetricUpdates implements OnApplicationShutdown {
  private readonly updates = new Map<UpdatedMetric, Collect>();

  constructor(@Inject(PushService) private readonly push: PushService) {}

  /** Makes this app update a metric, in place of an earlier app with the same registry. */
  begin(metric: AnyMetric, collect: Collect): void {
    const updated = metric as unknown as UpdatedMetric;
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

/** The types that Nest injects for tokens. Strings and symbols have none; `collect` has to annotate these parameters. */
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
  update: MetricUpdate<M, T>,
): Provider[] {
  const { inject, collect }: Partial<MetricUpdate<M, T>> = update ?? {};
  if (!isDefinition(definition) || !Array.isArray(inject) || typeof collect !== 'function') {
    throw new ConfigError(
      'provideMetric takes a definition and { inject, collect }: an array of providers, and a function that is called ' +
        'with the metric and the injected providers.',
    );
  }
  return [
    {
      provide: definition.token,
      inject: [OPTIONAL_REGISTRY, ModulesContainer, { token: UPDATES, optional: true }, ...inject],
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
    aliasByName(definition),
  ];
}

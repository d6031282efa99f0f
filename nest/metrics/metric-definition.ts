import { Inject } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { ConfigError, ConflictError, type Registrable, type Registry } from '../../lib/index.js';
import { metricDescription, nameToken, REGISTRY } from '../tokens.js';

/** A metric in a registry. */
export type AnyMetric = Registrable;

type MetricClass<M extends AnyMetric> = new (config: never) => M;

/**
 * The definition of a metric that does not have a registry yet. A definition is its own injection token: two
 * definitions of the same name are two tokens, and the start of the app decides whether they can share one metric.
 */
export interface MetricDefinition<M extends AnyMetric = AnyMetric> {
  /** The metric's name. */
  readonly name: string;
  /** The metric's injection token. */
  readonly token: symbol;
  /**
   * Returns the metric of a registry and creates it if it is missing. Throws ConflictError, which names both, if it
   * differs.
   */
  in(registry: Registry): M;
}

/** The type of the metric that `@InjectMetric(definition)` injects. */
export type MetricOf<D> = D extends MetricDefinition<infer M> ? M : never;

/** Validates a definition and assigns it a token. Throws ConfigError like the metric's constructor. */
export function definition<M extends AnyMetric>(type: MetricClass<M>, config: { name: string }): MetricDefinition<M> {
  const make = type as new (config: object) => M;
  // Created only to validate: an error points to the definition.
  const { name } = new make({ ...config, registers: [] });
  return Object.freeze({
    name,
    token: Symbol(metricDescription(name)),
    in: (registry: Registry) => registry.getOrCreate(make, config),
  });
}

/** Whether a value is a definition, from this copy of promark or another one in the process. */
export function isDefinition(value: unknown): value is MetricDefinition {
  const { token, in: make } = (value ?? {}) as Partial<MetricDefinition>;
  return typeof token === 'symbol' && typeof make === 'function';
}

/**
 * Returns the injection token of a metric, for `useFactory` providers and `moduleRef.get`. A name refers to the metric
 * of that name in the module's `forFeature`.
 */
export function metricToken(metric: MetricDefinition | string): symbol {
  return isDefinition(metric) ? metric.token : nameToken(metric);
}

/**
 * Injects a metric of the module's `forFeature`, by its definition or its name.
 *
 * @example
 * constructor(
 *   @InjectMetric(refunds) private readonly counter: MetricOf<typeof refunds>,
 *   @InjectMetric('queue_length') private readonly queueLength: Gauge,
 * ) {}
 */
export function InjectMetric(metric: MetricDefinition | string): ReturnType<typeof Inject> {
  return Inject(metricToken(metric));
}

/** The registry for `inject`; optional, so that promark's own message says that it is missing. */
export const REGISTRY_IF_ANY = { token: REGISTRY, optional: true };

/**
 * Returns the metric of a definition. Throws ConflictError, naming both metrics and their modules, or ConfigError if
 * there is no registry.
 */
export function metricIn(
  registry: Registry | undefined,
  definition: MetricDefinition,
  modules: ModulesContainer,
): AnyMetric {
  if (registry === undefined) throw withoutRoot(definition.name);
  try {
    return definition.in(registry);
  } catch (error) {
    const wanted = modulesWith(definition.name, modules);
    if (!(error instanceof ConflictError) || wanted.length === 0) throw error;
    throw new ConflictError(`${error.message} The name "${definition.name}" is defined for ${wanted.join(' and ')}.`);
  }
}

function withoutRoot(name: string): ConfigError {
  return new ConfigError(
    `There is no registry for the metric "${name}". Import PrometheusModule.forRoot() in the app's root module, without ` +
      '`global: false`; a test of a single module imports both.',
  );
}

/** Returns the names of the modules that import or provide a definition of the name. */
function modulesWith(name: string, modules: ModulesContainer): string[] {
  const token = metricToken(name);
  const all = [...modules.values()];
  const defining = new Set(all.filter(({ providers }) => providers.has(token)));
  const wanting = all.filter(
    (module) =>
      !isFeature(module.name) && (defining.has(module) || [...module.imports].some((one) => defining.has(one))),
  );
  return wanting.map((module) => module.name);
}

function isFeature(name: string): boolean {
  return name === 'PrometheusFeatureModule';
}

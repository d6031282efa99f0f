import { Inject } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { ConfigError, ConflictError, type Registrable, type Registry } from '../../lib/index.js';
import { metricDescription, nameToken, REGISTRY } from '../tokens.js';

/** A metric as a registry keeps it. */
export type AnyMetric = Registrable;

type MetricClass<M extends AnyMetric> = new (config: never) => M;

/**
 * What a metric is to be, before there is a registry for it to be in. A definition is its own injection token: two of
 * the same name are two tokens, and whether they can be one metric is found out when the app starts.
 */
export interface MetricDefinition<M extends AnyMetric = AnyMetric> {
  /** The metric's name. */
  readonly name: string;
  /** What Nest knows the metric by. */
  readonly token: symbol;
  /** Makes the metric in a registry, or takes the one that is there. Throws ConflictError, naming both. */
  in(registry: Registry): M;
}

/** The metric that a definition stands for: the type of what `@InjectMetric(definition)` injects. */
export type MetricOf<D> = D extends MetricDefinition<infer M> ? M : never;

/** Checks a definition and gives it a token. Throws ConfigError as the metric's own constructor does. */
export function definition<M extends AnyMetric>(type: MetricClass<M>, config: { name: string }): MetricDefinition<M> {
  const make = type as new (config: object) => M;
  // Made and thrown away: what is wrong with a definition is said where it stands.
  const { name } = new make({ ...config, registers: [] });
  return Object.freeze({
    name,
    token: Symbol(metricDescription(name)),
    in: (registry: Registry) => registry.getOrCreate(make, config),
  });
}

/** Whether a value is a definition, of this copy of promark or of another one in the process. */
export function isDefinition(value: unknown): value is MetricDefinition {
  const { token, in: make } = (value ?? {}) as Partial<MetricDefinition>;
  return typeof token === 'symbol' && typeof make === 'function';
}

/**
 * The injection token of a metric, for `useFactory` providers and `moduleRef.get`. By name it means the metric of that
 * name among those that the module's `forFeature` define.
 */
export function metricToken(metric: MetricDefinition | string): symbol {
  return isDefinition(metric) ? metric.token : nameToken(metric);
}

/**
 * Injects a metric that a `forFeature` of the module has: by its definition, or by its name.
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

/** The registry, for `inject`: optional, so that it is not Nest which tells that it is missing. */
export const REGISTRY_IF_ANY = { token: REGISTRY, optional: true };

/**
 * The metric of a definition. Throws ConflictError, naming both metrics and the modules that want them, and ConfigError
 * where there is no registry.
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
      '`global: false`; a test of a single module imports it beside that module.',
  );
}

/** The names of the modules that import a definition of the name, or provide one. */
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

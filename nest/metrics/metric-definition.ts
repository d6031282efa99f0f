import type { Registry } from '../../lib/index.js';

/** A metric as a registry keeps it. */
export type AnyMetric = ReturnType<Registry['getMetricsAsArray']>[number];

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
    token: Symbol(`promark.nest.metric ${name}`),
    in: (registry: Registry) => registry.getOrCreate(make, config),
  });
}

/** Whether a value is a definition, of this copy of promark or of another one in the process. */
export function isDefinition(value: unknown): value is MetricDefinition {
  const { token, in: make } = (value ?? {}) as Partial<MetricDefinition>;
  return typeof token === 'symbol' && typeof make === 'function';
}

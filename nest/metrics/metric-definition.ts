import { Inject } from '@nestjs/common';
import {
  ConfigError,
  Counter,
  type CounterConfig,
  Gauge,
  type GaugeConfig,
  Histogram,
  type HistogramConfig,
  Info,
  type InfoConfig,
  type LabelSpec,
  type NoLabels,
  type Registrable,
  type Registry,
  StateSet,
  type StateSetConfig,
  Summary,
  type SummaryConfig,
} from '../../lib/index.js';
import { metricDescription, nameToken } from '../tokens.js';

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
   * Returns the metric in a registry, which is created if it is missing. Throws ConflictError if a metric of this name
   * differs.
   */
  in(registry: Registry): M;
}

/** The type of the metric that `@InjectMetric(definition)` injects. */
export type MetricOf<D> = D extends MetricDefinition<infer M> ? M : never;

/** Throws ConfigError as the metric's constructor does. */
function definition<M extends AnyMetric>(type: MetricClass<M>, config: { name: string }): MetricDefinition<M> {
  const metricClass = type as new (config: object) => M;
  // Created only to validate the config, so that the error's stack points to the definition.
  const { name } = new metricClass({ ...config, registers: [] });
  return Object.freeze({
    name,
    token: Symbol(metricDescription(name)),
    in: (registry: Registry) => registry.getOrCreate(metricClass, config),
  });
}

/** The registry is that of the app that injects the metric. */
type DefinitionConfig<C> = Omit<C, 'registers'>;

/**
 * Defines a counter for injection. It is created in the registry of each app that passes it to `forFeature`.
 *
 * @example
 * export const refunds = defineCounter({ name: 'refunds_total', help: 'Refunds', labelNames: ['reason'] });
 * // imports: [PrometheusModule.forFeature([refunds])]
 * constructor(@InjectMetric(refunds) private readonly counter: MetricOf<typeof refunds>) {}
 */
export function defineCounter<L extends LabelSpec = NoLabels>(
  config: DefinitionConfig<CounterConfig<L>>,
): MetricDefinition<Counter<L>> {
  return definition(Counter<L>, config);
}

/** Defines a gauge for injection; see `defineCounter`. */
export function defineGauge<L extends LabelSpec = NoLabels>(
  config: DefinitionConfig<GaugeConfig<L>>,
): MetricDefinition<Gauge<L>> {
  return definition(Gauge<L>, config);
}

/** Defines a histogram for injection; see `defineCounter`. */
export function defineHistogram<L extends LabelSpec = NoLabels>(
  config: DefinitionConfig<HistogramConfig<L>>,
): MetricDefinition<Histogram<L>> {
  return definition(Histogram<L>, config);
}

/** Defines a summary for injection; see `defineCounter`. */
export function defineSummary<L extends LabelSpec = NoLabels>(
  config: DefinitionConfig<SummaryConfig<L>>,
): MetricDefinition<Summary<L>> {
  return definition(Summary<L>, config);
}

/** Defines an Info for injection; see `defineCounter`. */
export function defineInfo<L extends LabelSpec = string>(
  config: DefinitionConfig<InfoConfig<L>>,
): MetricDefinition<Info<L>> {
  return definition(Info<L>, config);
}

/** Defines a StateSet for injection; see `defineCounter`. */
export function defineStateSet<L extends LabelSpec = NoLabels, const S extends string = string>(
  config: DefinitionConfig<StateSetConfig<L, S>>,
): MetricDefinition<StateSet<L, S>> {
  return definition(StateSet<L, S>, config);
}

/** Whether a value is a definition, from this copy of promark or another one in the process. */
export function isDefinition(value: unknown): value is MetricDefinition {
  const { token, in: metricIn } = (value ?? {}) as Partial<MetricDefinition>;
  return typeof token === 'symbol' && typeof metricIn === 'function';
}

/**
 * Returns the injection token of a metric, for `useFactory` providers and `moduleRef.get`. A name refers to the metric
 * of that name in the module's `forFeature`.
 */
export function metricToken(metric: MetricDefinition | string): symbol {
  if (isDefinition(metric)) return metric.token;
  if (typeof metric === 'string') return nameToken(metric);
  throw new ConfigError(
    `A metric is injected by its definition or its name, got ${String(metric)}. If two files import each other, a definition ` +
      'may be undefined when a decorator needs it: define metrics in a file that imports neither.',
  );
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

import {
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
  StateSet,
  type StateSetConfig,
  Summary,
  type SummaryConfig,
} from '../../lib/index.js';
import { definition, type MetricDefinition } from './metric-definition.js';

/** The registry comes from the app that injects the metric. */
type Defined<C> = Omit<C, 'registers'>;

/**
 * Defines a counter for injection. It is created in the registry of each app that passes it to `forFeature`.
 *
 * @example
 * export const refunds = defineCounter({ name: 'refunds_total', help: 'Refunds', labelNames: ['reason'] });
 * // imports: [PrometheusModule.forFeature([refunds])]
 * constructor(@InjectMetric(refunds) private readonly counter: MetricOf<typeof refunds>) {}
 */
export function defineCounter<L extends LabelSpec = NoLabels>(
  config: Defined<CounterConfig<L>>,
): MetricDefinition<Counter<L>> {
  return definition(Counter<L>, config);
}

/** Defines a gauge for injection; see `defineCounter`. */
export function defineGauge<L extends LabelSpec = NoLabels>(
  config: Defined<GaugeConfig<L>>,
): MetricDefinition<Gauge<L>> {
  return definition(Gauge<L>, config);
}

/** Defines a histogram for injection; see `defineCounter`. */
export function defineHistogram<L extends LabelSpec = NoLabels>(
  config: Defined<HistogramConfig<L>>,
): MetricDefinition<Histogram<L>> {
  return definition(Histogram<L>, config);
}

/** Defines a summary for injection; see `defineCounter`. */
export function defineSummary<L extends LabelSpec = NoLabels>(
  config: Defined<SummaryConfig<L>>,
): MetricDefinition<Summary<L>> {
  return definition(Summary<L>, config);
}

/** Defines an Info for injection; see `defineCounter`. */
export function defineInfo<L extends LabelSpec = string>(config: Defined<InfoConfig<L>>): MetricDefinition<Info<L>> {
  return definition(Info<L>, config);
}

/** Defines a StateSet for injection; see `defineCounter`. */
export function defineStateSet<L extends LabelSpec = NoLabels, const S extends string = string>(
  config: Defined<StateSetConfig<L, S>>,
): MetricDefinition<StateSet<L, S>> {
  return definition(StateSet<L, S>, config);
}

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
export function defineCounter<const L extends LabelSpec = readonly []>(
  config: Defined<CounterConfig<L>>,
): MetricDefinition<Counter<L>> {
  return definition(Counter<L>, config);
}

/** Defines a gauge for injection; see `defineCounter`. */
export function defineGauge<const L extends LabelSpec = readonly []>(
  config: Defined<GaugeConfig<L>>,
): MetricDefinition<Gauge<L>> {
  return definition(Gauge<L>, config);
}

/** Defines a histogram for injection; see `defineCounter`. */
export function defineHistogram<const L extends LabelSpec = readonly []>(
  config: Defined<HistogramConfig<L>>,
): MetricDefinition<Histogram<L>> {
  return definition(Histogram<L>, config);
}

/** Defines a summary for injection; see `defineCounter`. */
export function defineSummary<const L extends LabelSpec = readonly []>(
  config: Defined<SummaryConfig<L>>,
): MetricDefinition<Summary<L>> {
  return definition(Summary<L>, config);
}

/** Defines an Info for injection; see `defineCounter`. */
export function defineInfo<const L extends LabelSpec = string>(
  config: Defined<InfoConfig<L>>,
): MetricDefinition<Info<L>> {
  return definition(Info<L>, config);
}

/** Defines a StateSet for injection; see `defineCounter`. */
export function defineStateSet<const L extends LabelSpec = readonly [], const S extends string = string>(
  config: Defined<StateSetConfig<L, S>>,
): MetricDefinition<StateSet<L, S>> {
  return definition(StateSet<L, S>, config);
}

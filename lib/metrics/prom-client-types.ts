import type { LabelSpec, LabelValue } from '../model/labels.js';
import type { Counter, CounterConfig } from './counter.js';
import type { Gauge, GaugeConfig } from './gauge.js';
import type { Histogram, HistogramConfig } from './histogram.js';
import type { Summary, SummaryConfig } from './summary.js';

/** prom-client's name for any metric of its four types. */
export type Metric<L extends LabelSpec = string> = Counter<L> | Gauge<L> | Histogram<L> | Summary<L>;

/** prom-client's name for an object of label values. */
export type LabelValues<N extends string> = Partial<Record<N, LabelValue>>;

/** prom-client's name for what a Counter is made from. */
export type CounterConfiguration<L extends LabelSpec> = CounterConfig<L>;

/** prom-client's name for what a Gauge is made from. */
export type GaugeConfiguration<L extends LabelSpec> = GaugeConfig<L>;

/** prom-client's name for what a Histogram is made from. */
export type HistogramConfiguration<L extends LabelSpec> = HistogramConfig<L>;

/** prom-client's name for what a Summary is made from. */
export type SummaryConfiguration<L extends LabelSpec> = SummaryConfig<L>;

import { OPEN_METRICS_TYPE, TEXT_TYPE } from '../model/content-types.js';
import type { FamilyType } from '../model/family-types.js';
import type { LabelValue } from '../model/labels.js';
import { aggregateBy } from './aggregate.js';
import type { Aggregator, MetricObject, MetricValue } from './metric-object.js';

/** The `Content-Type` of text 0.0.4. */
export type PrometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** The `Content-Type` of OpenMetrics 1.0. */
export type OpenMetricsContentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The formats of a registry's `metrics()`. */
export type RegistryContentType = PrometheusContentType | OpenMetricsContentType;

/** The `Content-Type` of text 0.0.4. */
export const prometheusContentType: PrometheusContentType = TEXT_TYPE;

/** The `Content-Type` of OpenMetrics 1.0. */
export const openMetricsContentType: OpenMetricsContentType = OPEN_METRICS_TYPE;

/** The default `Content-Type` of the default registry's `metrics()`. */
export const contentType: RegistryContentType = prometheusContentType;

/** Merges the metrics of one name of several processes; undefined if the metric is left out. */
export type AggregateFunction = (metrics: readonly MetricObject[]) => MetricObject | undefined;

/** prom-client's aggregators: series with the same name and labels are combined. */
export const aggregators: Readonly<Record<Aggregator, AggregateFunction>> = {
  sum: (metrics) => aggregateBy('sum', metrics),
  first: (metrics) => aggregateBy('first', metrics),
  min: (metrics) => aggregateBy('min', metrics),
  max: (metrics) => aggregateBy('max', metrics),
  average: (metrics) => aggregateBy('average', metrics),
  omit: () => undefined,
};

/** An object of label values, under prom-client's name. */
export type LabelValues<N extends string> = Partial<Record<N, LabelValue>>;

/** The type of a metric, under prom-client's name. Includes the types that only promark has. */
export type MetricType = FamilyType;

/** A function that updates a metric before each page, under prom-client's name. */
export type CollectFunction<T> = (this: T) => void | Promise<void>;

/** One value of a metric that may have a name of its own, under prom-client's name. */
export type MetricValueWithName<N extends string = string> = MetricValue<N>;

/** A metric and its values, under prom-client's name. */
export type MetricObjectWithValues<V extends MetricValue = MetricValue> = Omit<MetricObject, 'values'> & {
  readonly values: V[];
};

import { OPEN_METRICS_TYPE, TEXT_TYPE } from '../model/content-types.js';
import type { FamilyType } from '../model/family-types.js';
import type { LabelValue } from '../model/labels.js';
import type { MetricObject, MetricValue } from './metric-object.js';

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

/** An object of label values, under prom-client's name. */
export type LabelValues<N extends string> = Partial<Record<N, LabelValue>>;

/** The type of a metric, under prom-client's name: `counter`, `gauge`, `histogram` or `summary`, or another of promark. */
export type MetricType = FamilyType;

/** A function that updates a metric before each page, under prom-client's name. */
export type CollectFunction<T> = (this: T) => void | Promise<void>;

/** One value of a metric that may have a name of its own, under prom-client's name. */
export type MetricValueWithName<N extends string = string> = MetricValue<N>;

/** A metric and its values, under prom-client's name. */
export type MetricObjectWithValues<V extends MetricValue = MetricValue> = Omit<MetricObject, 'values'> & {
  readonly values: readonly V[];
};

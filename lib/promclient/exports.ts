import { openMetrics } from '../formats/openmetrics.js';
import { text } from '../formats/text.js';
import type { LabelValue } from '../model/labels.js';

/** The `Content-Type` of text 0.0.4. */
export const prometheusContentType: string = text.contentType;

/** The `Content-Type` of OpenMetrics 1.0. */
export const openMetricsContentType: string = openMetrics.contentType;

/** The default `Content-Type` of what the default registry's `metrics()` returns. */
export const contentType: string = prometheusContentType;

/** An object of label values, under prom-client's name. */
export type LabelValues<N extends string> = Partial<Record<N, LabelValue>>;

import { openMetrics } from '../formats/openmetrics.js';
import { text } from '../formats/text.js';

/** The `Content-Type` of text 0.0.4. */
export const prometheusContentType: string = text.contentType;

/** The `Content-Type` of OpenMetrics 1.0. */
export const openMetricsContentType: string = openMetrics.contentType;

/** The `Content-Type` of what the default registry's `metrics()` gives, unless it is told otherwise. */
export const contentType: string = prometheusContentType;

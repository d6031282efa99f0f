import { openMetrics } from '../formats/openmetrics.js';
import { text } from '../formats/text.js';
import { defaultRegistry } from '../metrics/metric-registry.js';
import { Registry } from './registry.js';

/** The registry that metrics go to when they name none: one in a process, whatever copies of promark are loaded. */
export const register: Registry = defaultRegistry(() => new Registry());

/** The `Content-Type` of text 0.0.4. */
export const prometheusContentType: string = text.contentType;

/** The `Content-Type` of OpenMetrics 1.0. */
export const openMetricsContentType: string = openMetrics.contentType;

/** The `Content-Type` of what the default registry's `metrics()` gives, unless it is told otherwise. */
export const contentType: string = prometheusContentType;

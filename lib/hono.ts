/**
 * Measures the requests of a Hono app.
 *
 * @module promark/hono
 */

export type { HttpHistogramOptions } from './http/families.js';
export type { FetchMetricsOptions } from './http/fetch/fetch-recorder.js';
export { type HonoContextLike, type HonoMiddleware, httpMetrics } from './http/hono/http-metrics.js';

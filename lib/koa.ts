/**
 * Measures the requests of a Koa app.
 *
 * @module promark/koa
 */

export type { HttpHistogramOptions, HttpMetricsOptions } from './http/families.js';
export { httpMetrics, type KoaContextLike, type KoaMiddleware } from './http/koa/http-metrics.js';

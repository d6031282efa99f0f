/**
 * Measures the requests of an Express app.
 *
 * @module promark/express
 */

export { type HttpMetricsMiddleware, httpMetrics } from './http/express/http-metrics.js';
export type { HttpHistogramOptions, HttpMetricsOptions } from './http/families.js';
export type { ServerReply, ServerRequest } from './http/messages.js';

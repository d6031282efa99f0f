/**
 * Measures functions that turn a `Request` into a `Response`: Bun, Deno, Next.js.
 *
 * @module promark/fetch
 */

export type { HttpHistogramOptions } from './http/families.js';
export type { FetchMetricsOptions } from './http/fetch/fetch-recorder.js';
export { type FetchMetrics, httpMetrics, type RequestHandler } from './http/fetch/http-metrics.js';
export type { FetchRoute } from './http/fetch/measured-fetch.js';

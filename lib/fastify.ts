/**
 * Measures the requests of a Fastify app, and serves the metrics page there.
 *
 * @module promark/fastify
 */

export { type MetricsEndpointOptions, metricsEndpoint } from './exporters/fastify-endpoint.js';
export type { HttpHistogramOptions, HttpMetricsOptions } from './http/families.js';
export { httpMetrics } from './http/fastify/http-metrics.js';
export type { FastifyLike, FastifyPlugin } from './http/fastify/plugin.js';
export type { ServerReply, ServerRequest } from './http/messages.js';

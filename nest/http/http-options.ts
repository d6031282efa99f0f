import type { HttpMetricsOptions } from '../../lib/index.js';

/** What is measured of HTTP requests; the registry is the module's, and the module's endpoint is left out by default. */
export type NestHttpOptions = Omit<HttpMetricsOptions, 'registry'>;

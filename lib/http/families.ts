import { Gauge } from '../metrics/gauge.js';
import { Histogram } from '../metrics/histogram.js';
import type { Registry } from '../registry/registry.js';
import type { HttpHistogramOptions, HttpMetricsOptions } from './options.js';

const LABELS = ['method', 'route', 'status_code'] as const;

/** A histogram with a series for each method, route and status code. */
export type RouteHistogram = Histogram<typeof LABELS>;

/** The families that requests are recorded in; those that are not wanted are undefined. */
export interface HttpFamilies {
  readonly duration: RouteHistogram;
  readonly inProgress: Gauge<readonly ['method']> | undefined;
  readonly requestSize: RouteHistogram | undefined;
  readonly responseSize: RouteHistogram | undefined;
}

/** 100 bytes to 100 megabytes. */
const SIZES = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/** The families in a registry, made where they are not there. Throws ConflictError where they are, but otherwise. */
export function httpFamilies(registry: Registry, options: HttpMetricsOptions): HttpFamilies {
  const { buckets, native, inProgress = true, requestSize, responseSize, enableExemplars = true } = options;
  const histogram = (name: string, help: string, unit: string, given: HttpHistogramOptions): RouteHistogram => {
    const own = {
      ...(given.buckets !== undefined && { buckets: given.buckets }),
      ...(given.native !== undefined && { native: given.native }),
    };
    const about = { name, help, unit, labelNames: LABELS, enableExemplars };
    return registry.getOrCreate(Histogram<typeof LABELS>, { ...about, ...own });
  };
  const sizes = (name: string, help: string, given: boolean | HttpHistogramOptions | undefined) => {
    if (given === undefined || given === false) return undefined;
    return histogram(name, help, 'bytes', { buckets: SIZES, ...(given !== true && given) });
  };
  return {
    duration: histogram('http_request_duration_seconds', 'Time from request to end of response', 'seconds', {
      buckets,
      native,
    } as HttpHistogramOptions),
    inProgress: inProgress
      ? registry.getOrCreate(Gauge<readonly ['method']>, {
          name: 'http_requests_in_progress',
          help: 'Requests that are being answered',
          labelNames: ['method'],
          aggregate: 'livesum',
        })
      : undefined,
    requestSize: sizes('http_request_size_bytes', 'Size of request bodies', requestSize),
    responseSize: sizes('http_response_size_bytes', 'Size of response bodies as sent', responseSize),
  };
}

import type { NativeOptions } from '../metrics/native/options.js';
import { checkOptions, isOptionsObject, type OptionRule, type OptionRules, rule } from '../model/options.js';
import type { Registry } from '../registry/registry.js';
import type { ServerRequest } from './messages.js';

/** Options of a request histogram. */
export interface HttpHistogramOptions {
  /** Upper bounds, ascending; `false` for none, if the histogram is native. */
  readonly buckets?: readonly number[] | false;
  /** Whether to add native buckets, or their options. Default: false. */
  readonly native?: boolean | NativeOptions;
}

/** Options of HTTP server metrics. */
export interface HttpMetricsOptions extends HttpHistogramOptions {
  /** Upper bounds of `http_request_duration_seconds`. Default: 5 ms to 10 s. */
  readonly buckets?: readonly number[] | false;
  /** The registry of the families. Default: `register`, the default registry. */
  readonly registry?: Registry;
  /** Whether to expose `http_requests_in_progress`. Default: true. */
  readonly inProgress?: boolean;
  /** Whether to expose `http_request_size_bytes`, or its options. Default: false. */
  readonly requestSize?: boolean | HttpHistogramOptions;
  /** Whether to expose `http_response_size_bytes`, or its options. Default: false. */
  readonly responseSize?: boolean | HttpHistogramOptions;
  /**
   * Whether the histograms keep exemplars, where `promark/otel` or `setExemplarSource` offers some: of the span that is
   * active when the request comes in. Default: true.
   */
  readonly enableExemplars?: boolean;
  /**
   * Requests that are not measured: paths without the query, or a function. Scrapes answered by a handler of promark
   * are never measured. Default: `/metrics`.
   */
  readonly ignore?: readonly string[] | ((request: ServerRequest) => boolean);
}

const histogramOptions: OptionRule = {
  expected: 'true, false or histogram options',
  accepts: (value) => typeof value === 'boolean' || isOptionsObject(value),
};

/** Histogram options are checked where the histograms are made. */
const rules: OptionRules<HttpMetricsOptions> = {
  // Not by instanceof: a program may have two copies of promark loaded.
  registry: {
    expected: 'a Registry',
    accepts: (value) => isOptionsObject(value) && typeof (value as Partial<Registry>).getOrCreate === 'function',
  },
  buckets: rule.any,
  native: rule.any,
  inProgress: rule.boolean,
  requestSize: histogramOptions,
  responseSize: histogramOptions,
  enableExemplars: rule.boolean,
  ignore: {
    expected: 'an array of paths such as "/health", or a function',
    accepts: (value) =>
      typeof value === 'function' ||
      (Array.isArray(value) && value.every((path) => typeof path === 'string' && path.startsWith('/'))),
  },
};

/** Checks the options of HTTP metrics. Throws ConfigError. */
export function checkHttpOptions(options: HttpMetricsOptions): void {
  checkOptions('HTTP metrics', options, rules);
}

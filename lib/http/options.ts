import type { NativeOptions } from '../metrics/native/options.js';
import { ConfigError, show } from '../model/errors.js';
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

const KNOWN: readonly string[] = [
  'registry',
  'buckets',
  'native',
  'inProgress',
  'requestSize',
  'responseSize',
  'enableExemplars',
  'ignore',
] satisfies readonly (keyof HttpMetricsOptions)[];

/** Throws ConfigError for invalid options; those of histograms are checked by their constructor. */
export function checkHttpOptions(options: HttpMetricsOptions): void {
  if (!isObject(options)) throw new ConfigError(`HTTP metrics take an object of options, not ${show(options)}.`);
  const unknown = Object.keys(options).find((option) => !KNOWN.includes(option));
  if (unknown !== undefined) {
    throw new ConfigError(`HTTP metrics have no option ${show(unknown)}: they have ${KNOWN.join(', ')}.`);
  }
  const { registry, ignore, requestSize, responseSize } = options;
  // Not by instanceof: a program may have two copies of promark loaded.
  if (registry !== undefined && typeof registry?.getOrCreate !== 'function') refuse('registry', 'a registry', registry);
  for (const name of ['inProgress', 'enableExemplars'] as const) {
    const given: unknown = options[name];
    if (given !== undefined && typeof given !== 'boolean') refuse(name, 'true or false', given);
  }
  for (const [name, size] of Object.entries({ requestSize, responseSize })) {
    if (size !== undefined && typeof size !== 'boolean' && !isObject(size)) {
      refuse(name, 'true, false or options of a histogram', size);
    }
  }
  if (ignore === undefined || typeof ignore === 'function') return;
  const paths = Array.isArray(ignore) && ignore.every((path) => typeof path === 'string' && path.startsWith('/'));
  if (!paths) refuse('ignore', "an array of paths such as '/health', or a function", ignore);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(option: string, expected: string, came: unknown): never {
  throw new ConfigError(`HTTP metrics: the option ${option} is ${expected}, not ${show(came)}.`);
}

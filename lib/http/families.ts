import { Gauge } from '../metrics/gauge.js';
import type { GaugeChild } from '../metrics/gauge-child.js';
import { Histogram } from '../metrics/histogram.js';
import type { HistogramChild } from '../metrics/histogram-child.js';
import type { NativeOptions } from '../metrics/native/native-options.js';
import type { Faults } from '../model/faults.js';
import { checkOptions, isOptionsObject, type OptionRule, type OptionRules, rule } from '../model/options.js';
import { defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { registryRule } from '../registry/registry-options.js';
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
   * Whether the histograms keep exemplars, if `promark/otel` or `setExemplarSource` provides them. An exemplar names
   * the span that is active when the request arrives. Default: true.
   */
  readonly enableExemplars?: boolean;
  /**
   * Requests to ignore: paths without the query, or a function. Scrapes answered by a promark handler are never
   * measured. Default: `/metrics`.
   */
  readonly ignore?: readonly string[] | ((request: ServerRequest) => boolean);
}

const histogramOptions: OptionRule = {
  expected: 'true, false or histogram options',
  accepts: (value) => typeof value === 'boolean' || isOptionsObject(value),
};

/** Histogram options are checked by the histograms. */
const rules: OptionRules<HttpMetricsOptions> = {
  registry: registryRule,
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
export function checkHttpOptions(options: object): void {
  checkOptions('HTTP metrics', options, rules);
}

/** Returns a predicate for ignored requests. `targetOf` returns the path of a request, including the query. */
export function ignoredBy<R>(
  ignore: readonly string[] | ((request: R) => boolean) = ['/metrics'],
  targetOf: (request: R) => string,
): (request: R) => boolean {
  if (typeof ignore === 'function') return ignore;
  const paths = [...ignore];
  return (request) => {
    const target = targetOf(request);
    for (const path of paths) {
      // `/metrics` and `/metrics?name[]=a`, without splitting every target.
      if (target.startsWith(path) && (target.length === path.length || target[path.length] === '?')) return true;
    }
    return false;
  };
}

const LABELS = ['method', 'route', 'status_code'] as const;

/** A histogram with a series for each method, route and status code. */
export type RouteHistogram = Histogram<(typeof LABELS)[number]>;

/** The families that record requests; undefined if switched off. */
export interface HttpFamilies {
  readonly duration: RouteHistogram;
  readonly inProgress: Gauge<'method'> | undefined;
  readonly requestSize: RouteHistogram | undefined;
  readonly responseSize: RouteHistogram | undefined;
}

/** 100 bytes to 100 megabytes. */
const SIZES = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/**
 * Returns the families of a registry, creating missing ones. Throws ConflictError if one exists with another
 * definition.
 */
export function httpFamilies(registry: Registry, options: HttpMetricsOptions): HttpFamilies {
  const { buckets, native, inProgress = true, requestSize, responseSize, enableExemplars = true } = options;
  const histogram = (name: string, help: string, unit: string, layout: HttpHistogramOptions): RouteHistogram => {
    const config = { name, help, unit, labelNames: LABELS, enableExemplars };
    return registry.getOrCreate(Histogram<(typeof LABELS)[number]>, {
      ...config,
      ...(layout.buckets !== undefined && { buckets: layout.buckets }),
      ...(layout.native !== undefined && { native: layout.native }),
    });
  };
  const sizes = (name: string, help: string, option: boolean | HttpHistogramOptions | undefined) => {
    if (option === undefined || option === false) return undefined;
    return histogram(name, help, 'bytes', { buckets: SIZES, ...(option !== true && option) });
  };
  return {
    duration: histogram('http_request_duration_seconds', 'Time from request to end of response', 'seconds', {
      buckets,
      native,
    } as HttpHistogramOptions),
    inProgress: inProgress
      ? registry.getOrCreate(Gauge<'method'>, {
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

/** The series of a recorder, valid until families are removed from the registry. */
export class HttpSeries {
  readonly duration: RouteChildren;
  readonly requestSize: RouteChildren | undefined;
  readonly responseSize: RouteChildren | undefined;
  /** Whether exemplars would be kept. */
  readonly hasExemplars: boolean;
  private readonly inProgressFamily: Gauge<'method'> | undefined;
  private readonly inProgressChildren = new Map<string, GaugeChild>();
  private readonly generation: number;

  constructor(
    private readonly registry: Registry,
    options: HttpMetricsOptions,
  ) {
    const { duration, inProgress, requestSize, responseSize } = httpFamilies(registry, options);
    this.generation = registry.generation;
    this.hasExemplars = duration.enableExemplars;
    this.duration = new RouteChildren(duration);
    this.requestSize = requestSize && new RouteChildren(requestSize);
    this.responseSize = responseSize && new RouteChildren(responseSize);
    this.inProgressFamily = inProgress;
  }

  /** The fault log of the registry. */
  get faults(): Faults {
    return this.registry.faults;
  }

  /** Whether families, possibly these, have been removed from the registry since. */
  get isStale(): boolean {
    return this.registry.generation !== this.generation;
  }

  /** Returns the in-progress gauge of a method, or undefined if it is switched off. */
  inProgress(method: string): GaugeChild | undefined {
    if (this.inProgressFamily === undefined) return undefined;
    let child = this.inProgressChildren.get(method);
    if (child === undefined || child.row < 0) {
      child = this.inProgressFamily.labels(method);
      this.inProgressChildren.set(method, child);
    }
    return child;
  }
}

/** The series of a recorder, created again after families are removed from the registry. */
export class CurrentSeries {
  readonly registry: Registry;
  private series: HttpSeries;

  /** Throws ConflictError if a family exists with another definition. */
  constructor(private readonly options: HttpMetricsOptions) {
    this.registry = options.registry ?? defaultRegister;
    this.series = new HttpSeries(this.registry, options);
  }

  get(): HttpSeries {
    if (this.series.isStale) this.series = new HttpSeries(this.registry, this.options);
    return this.series;
  }
}

/** Children of invalid status codes from this one on are not kept, since they would make the arrays sparse. */
const MAX_STATUS = 1024;

/**
 * Finds the child for a method, route and status code by two look-ups in small maps instead of one by three labels in
 * the family.
 */
export class RouteChildren {
  private readonly byRoute = new Map<string, Map<string, HistogramChild[]>>();

  constructor(private readonly family: RouteHistogram) {}

  get(method: string, route: string, status: number): HistogramChild {
    const known = this.byRoute.get(route)?.get(method)?.[status];
    // The series may have been removed in the meantime.
    return known !== undefined && known.row >= 0 ? known : this.find(method, route, status);
  }

  private find(method: string, route: string, status: number): HistogramChild {
    const child = this.family.labels(method, route, String(status));
    if (!(status >= 0 && status < MAX_STATUS)) return child;
    const byMethod = getOrAdd(this.byRoute, route, () => new Map<string, HistogramChild[]>());
    getOrAdd(byMethod, method, (): HistogramChild[] => [])[status] = child;
    return child;
  }
}

function getOrAdd<V>(map: Map<string, V>, key: string, create: () => V): V {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const created = create();
  map.set(key, created);
  return created;
}

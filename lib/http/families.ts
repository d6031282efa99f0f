import { Gauge, type GaugeChild } from '../metrics/gauge.js';
import { Histogram } from '../metrics/histogram.js';
import type { HistogramChild } from '../metrics/histogram-child.js';
import type { Faults } from '../model/faults.js';
import type { Registry } from '../registry/registry.js';
import type { HttpHistogramOptions, HttpMetricsOptions } from './options.js';

const LABELS = ['method', 'route', 'status_code'] as const;

/** A histogram with a series for each method, route and status code. */
export type RouteHistogram = Histogram<typeof LABELS>;

/** The families that requests are recorded in; undefined for those that are switched off. */
export interface HttpFamilies {
  readonly duration: RouteHistogram;
  readonly inProgress: Gauge<readonly ['method']> | undefined;
  readonly requestSize: RouteHistogram | undefined;
  readonly responseSize: RouteHistogram | undefined;
}

/** 100 bytes to 100 megabytes. */
const SIZES = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/**
 * Returns the families of a registry and creates missing ones. Throws ConflictError if one exists with another
 * definition.
 */
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

/** The series of a recorder, valid until families leave the registry. */
export class HttpSeries {
  readonly duration: RouteChildren;
  readonly requestSize: RouteChildren | undefined;
  readonly responseSize: RouteChildren | undefined;
  /** Whether an exemplar would be kept. */
  readonly hasExemplars: boolean;
  private readonly inProgressOf: ((method: string) => GaugeChild) | undefined;
  private readonly inProgressBy = new Map<string, GaugeChild>();
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
    this.inProgressOf = inProgress && ((method) => inProgress.labels(method));
  }

  /** The fault log of the registry. */
  get faults(): Faults {
    return this.registry.faults;
  }

  /** Whether families, perhaps these, have left the registry since. */
  get isStale(): boolean {
    return this.registry.generation !== this.generation;
  }

  /** Returns the in-progress gauge of a method, or undefined if it is switched off. */
  inProgress(method: string): GaugeChild | undefined {
    if (this.inProgressOf === undefined) return undefined;
    let child = this.inProgressBy.get(method);
    if (child === undefined || child.row < 0) {
      child = this.inProgressOf(method);
      this.inProgressBy.set(method, child);
    }
    return child;
  }
}

/** Status codes are below this. */
const STATUSES = 1024;

/**
 * Finds the child of a method, route and status code by two look-ups in small maps instead of three labels in the
 * family.
 */
export class RouteChildren {
  private readonly byRoute = new Map<string, Map<string, HistogramChild[]>>();

  constructor(private readonly family: RouteHistogram) {}

  get(method: string, route: string, status: number): HistogramChild {
    const known = this.byRoute.get(route)?.get(method)?.[status];
    // The series may have been removed meanwhile.
    return known !== undefined && known.row >= 0 ? known : this.find(method, route, status);
  }

  private find(method: string, route: string, status: number): HistogramChild {
    const child = this.family.labels(method, route, String(status));
    if (!(status >= 0 && status < STATUSES)) return child;
    const byMethod = entry(this.byRoute, route, () => new Map<string, HistogramChild[]>());
    entry(byMethod, method, (): HistogramChild[] => [])[status] = child;
    return child;
  }
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

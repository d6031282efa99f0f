import type { ExemplarLabels } from '../../metrics/exemplars.js';
import { Histogram } from '../../metrics/histogram.js';
import type { NativeOptions } from '../../metrics/native/native-options.js';
import type { Registry } from '../../registry/registry.js';
import { methodLabel, requestExemplar } from '../measurement.js';

/** Options of `httpClientMetrics`. */
export interface HttpClientMetricsOptions {
  /** The registry of the family. Default: `register`, the default registry. */
  readonly registry?: Registry;
  /** Upper bounds, ascending; `false` for none, if the histogram is native. Default: 5 ms to 10 s. */
  readonly buckets?: readonly number[] | false;
  /** Whether to add native buckets, or their options. Default: false. */
  readonly native?: boolean | NativeOptions;
  /** The hosts that get their own series, with any non-default port; others are `other`. Default: all. */
  readonly hosts?: readonly string[];
  /** Maximum number of hosts that get their own series, 1 or more; further ones are `other`. Default: 100. */
  readonly maxHosts?: number;
  /** Whether the histogram keeps exemplars, if there is a source of them. Default: true. */
  readonly enableExemplars?: boolean;
  /** Returns whether to skip requests to a host. Default: none are skipped. */
  readonly ignore?: (host: string) => boolean;
}

const LABELS = ['method', 'host', 'status_code'] as const;

/** The label value of hosts without their own series. */
const OTHER = 'other';

const DEFAULT_MAX_HOSTS = 100;

/** An outgoing request that has not ended. */
export interface OutgoingRequest {
  readonly start: number;
  readonly method: string;
  readonly host: string;
  readonly exemplar: ExemplarLabels | undefined;
}

/** Records outgoing requests in a registry. Only the constructor throws. */
export class ClientSeries {
  private seconds: Histogram<(typeof LABELS)[number]>;
  private generation: number;
  private readonly hosts = new Map<string, string>();
  private readonly allowed: ReadonlySet<string> | undefined;
  private readonly maxHosts: number;

  /** Throws ConflictError if the family exists with another definition. */
  constructor(
    readonly registry: Registry,
    private readonly options: HttpClientMetricsOptions,
  ) {
    this.allowed = options.hosts && new Set(options.hosts.map((host) => host.toLowerCase()));
    this.maxHosts = options.maxHosts ?? DEFAULT_MAX_HOSTS;
    this.seconds = this.family();
    this.generation = registry.generation;
  }

  /** Starts measuring a request. Returns undefined if it is ignored. */
  begin(method: string, host: string): OutgoingRequest | undefined {
    try {
      if (this.options.ignore?.(host) === true) return undefined;
      const exemplar = requestExemplar(this.seconds.enableExemplars, this.registry.faults);
      return { start: performance.now(), method: methodLabel(method), host: this.hostLabel(host), exemplar };
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  /** Records a request that has ended. */
  end({ start, method, host, exemplar }: OutgoingRequest, status: string): void {
    try {
      if (this.generation !== this.registry.generation) {
        this.seconds = this.family();
        this.generation = this.registry.generation;
      }
      const seconds = Math.max(0, (performance.now() - start) / 1000);
      this.seconds.labels(method, host, status).observe(seconds, exemplar);
    } catch (error) {
      this.report(error);
    }
  }

  private family(): Histogram<(typeof LABELS)[number]> {
    const { buckets, native, enableExemplars = true } = this.options;
    return this.registry.getOrCreate(Histogram<(typeof LABELS)[number]>, {
      name: 'http_client_request_duration_seconds',
      help: 'Time from sending a request to the end of its response',
      unit: 'seconds',
      labelNames: LABELS,
      enableExemplars,
      ...(buckets !== undefined && { buckets }),
      ...(native !== undefined && { native }),
    });
  }

  /** Limits the hosts: users may be able to make a program call any host, and each would become a series. */
  private hostLabel(name: string): string {
    const known = this.hosts.get(name);
    if (known !== undefined) return known;
    const host = name.toLowerCase();
    if (this.allowed !== undefined) return this.allowed.has(host) ? host : OTHER;
    if (this.hosts.size >= this.maxHosts) {
      this.registry.faults.warn(
        `Requests went to more than ${this.maxHosts} hosts: further ones are "${OTHER}" in ` +
          'http_client_request_duration_seconds. List the ones that matter: httpClientMetrics({ hosts: […] }).',
      );
      return OTHER;
    }
    this.hosts.set(name, host);
    return host;
  }

  private report(error: unknown): void {
    this.registry.faults.instrumentation('HTTP client metrics', error);
  }
}

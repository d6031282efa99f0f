import { type ExemplarLabels, isSourced, sourcedLabels } from '../metrics/exemplars.js';
import type { GaugeChild } from '../metrics/gauge.js';
import type { Measuring } from '../model/excluded.js';
import type { Faults } from '../model/faults.js';
import type { HttpSeries } from './families.js';
import type { ServerReply, ServerRequest } from './messages.js';
import { type ByteCount, countReply, countRequest, statusOf } from './messages.js';

/** The label value of unregistered methods: clients may send any word, and each would become a series. */
const OTHER = 'other';

/** The methods of RFC 9110, PATCH (RFC 5789) and QUERY. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'];

const KNOWN = new Set(METHODS);

/** Returns the label value of a request's method. */
export function methodLabel(method: string | undefined): string {
  return method !== undefined && KNOWN.has(method) ? method : OTHER;
}

/** The source had nothing. Unlike undefined, this keeps a histogram from asking again. */
const NOTHING: ExemplarLabels = {};

/**
 * Returns the exemplar of a request: the first that the source offers. The source is asked when the request arrives and
 * when its route is set, but never at the end: `finish` and `close` come from the connection, whose async context may
 * belong to another request, and a link to the wrong trace is worse than none. Returns undefined without a source.
 */
export function exemplarOf(so: ExemplarLabels | undefined, faults: Faults): ExemplarLabels | undefined {
  if ((so !== undefined && so !== NOTHING) || !isSourced()) return so;
  try {
    return sourcedLabels() ?? NOTHING;
  } catch (error) {
    faults.instrumentation('exemplar of HTTP metrics', error);
    return NOTHING;
  }
}

/** The label value of requests that no route handled. */
export const UNMATCHED = 'unmatched';

/** A route's template, or a function that returns it when the request is over; undefined if no route handled it. */
export type RouteOf = string | ((request: ServerRequest, reply: ServerReply) => string | undefined);

/** One request, measured from its arrival to the end of its response. */
export class MeasuredRequest implements Measuring {
  private readonly start = performance.now();
  private readonly method: string;
  private readonly inProgress: GaugeChild | undefined;
  private readonly epoch: number;
  private readonly requestBytes: ByteCount | undefined;
  private readonly replyBytes: ByteCount | undefined;
  private exemplar: ExemplarLabels | undefined;
  private over = false;

  constructor(
    private readonly series: HttpSeries,
    private readonly request: ServerRequest,
    private readonly reply: ServerReply,
    private route: RouteOf | undefined,
  ) {
    this.method = methodLabel(request.method);
    this.inProgress = series.inProgress(this.method);
    this.inProgress?.inc();
    this.epoch = this.inProgress?.epoch ?? 0;
    this.requestBytes = series.requestSize && countRequest(request);
    this.replyBytes = series.responseSize && countReply(request, reply);
    this.exemplar = series.hasExemplars ? exemplarOf(undefined, series.faults) : undefined;
  }

  /** Sets the route; the innermost caller, which comes last, is right. */
  setRoute(route: RouteOf | undefined): void {
    if (route !== undefined) this.route = route;
    if (this.series.hasExemplars) this.exemplar = exemplarOf(this.exemplar, this.series.faults);
  }

  /**
   * Records the request. Called on every sign that it may be over; only the first call counts. Never throws.
   *
   * @param finished Whether the response has said `finish`.
   */
  end(finished: boolean): void {
    if (this.over) return;
    const seconds = Math.max(0, (performance.now() - this.start) / 1000);
    this.excludeFromMetrics();
    try {
      this.record(seconds, finished);
    } catch (error) {
      this.series.faults.instrumentation('HTTP metrics', error);
    }
  }

  excludeFromMetrics(): void {
    if (this.over) return;
    this.over = true;
    // A gauge that was reset meanwhile no longer includes this request.
    if (this.inProgress?.epoch === this.epoch) this.inProgress.dec();
  }

  private record(seconds: number, finished: boolean): void {
    const { series, request, reply, method, exemplar } = this;
    const route = (typeof this.route === 'function' ? this.route(request, reply) : this.route) ?? UNMATCHED;
    const status = statusOf(request, reply, finished);
    series.duration.get(method, route, status).observe(seconds, exemplar);
    if (this.requestBytes) series.requestSize?.get(method, route, status).observe(this.requestBytes(), exemplar);
    if (this.replyBytes) series.responseSize?.get(method, route, status).observe(this.replyBytes(), exemplar);
  }
}

import { type ExemplarLabels, exemplarOnEntry, NO_EXEMPLAR } from '../metrics/exemplars.js';
import type { GaugeChild } from '../metrics/gauge-child.js';
import type { Measuring } from '../model/excluded.js';
import type { Faults } from '../model/faults.js';
import type { HttpSeries } from './families.js';

/** The label value of unregistered methods: clients may send any method, and each would become a series. */
const OTHER = 'other';

/** The methods of RFC 9110, PATCH (RFC 5789) and QUERY. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'];

const KNOWN = new Set(METHODS);

/** Returns the label value of a request's method. */
export function methodLabel(method: string | undefined): string {
  return method !== undefined && KNOWN.has(method) ? method : OTHER;
}

/** The label value of requests that no route handled. */
const UNMATCHED = 'unmatched';

/**
 * Returns the exemplar that the source currently provides for a request. Called when the request arrives and when its
 * route is set, but never at its end: `finish` and `close` come from the connection, whose async context may belong to
 * another request, and a link to the wrong trace is worse than none.
 */
export function requestExemplar(enabled: boolean, faults: Faults): ExemplarLabels | undefined {
  return exemplarOnEntry(enabled, (error) => faults.instrumentation('exemplar of HTTP metrics', error));
}

/**
 * One request from its arrival to its end, on any kind of server. `R` is how the server represents routes: a template,
 * or a function of the request that returns it.
 */
export abstract class Measurement<R> implements Measuring {
  protected readonly method: string;
  protected exemplar: ExemplarLabels | undefined;
  private readonly start = performance.now();
  private readonly inProgress: GaugeChild | undefined;
  private readonly epoch: number;
  private over = false;

  constructor(
    protected readonly series: HttpSeries,
    method: string | undefined,
    protected route: R | undefined,
  ) {
    this.method = methodLabel(method);
    this.inProgress = series.inProgress(this.method);
    this.inProgress?.inc();
    this.epoch = this.inProgress?.epoch ?? 0;
    this.exemplar = requestExemplar(series.hasExemplars, series.faults);
  }

  /** Sets the route. The innermost caller comes last and wins. Looks for an exemplar again if there was none. */
  setRoute(route: R | undefined): void {
    if (route !== undefined) this.route = route;
    const { exemplar, series } = this;
    if (exemplar !== undefined && exemplar !== NO_EXEMPLAR) return;
    this.exemplar = requestExemplar(series.hasExemplars, series.faults) ?? exemplar;
  }

  excludeFromMetrics(): void {
    if (this.over) return;
    this.over = true;
    // If the gauge was reset in the meantime, it no longer includes this request.
    if (this.inProgress?.epoch === this.epoch) this.inProgress.dec();
  }

  /** Records the request. Call it on every event that may be the end: only the first call counts. Never throws. */
  protected finish(): void {
    if (this.over) return;
    const seconds = Math.max(0, (performance.now() - this.start) / 1000);
    this.excludeFromMetrics();
    try {
      this.record(seconds);
    } catch (error) {
      this.series.faults.instrumentation('HTTP metrics', error);
    }
  }

  /** Determines how the request ended, and calls `observe`. */
  protected abstract record(seconds: number): void;

  /** Observes duration and body sizes; a size is undefined if it is not measured. */
  protected observe(
    seconds: number,
    route: string | undefined,
    status: number,
    requestBytes: number | undefined,
    responseBytes: number | undefined,
  ): void {
    const { series, method, exemplar } = this;
    const template = route ?? UNMATCHED;
    series.duration.get(method, template, status).observe(seconds, exemplar);
    if (requestBytes !== undefined) series.requestSize?.get(method, template, status).observe(requestBytes, exemplar);
    if (responseBytes !== undefined)
      series.responseSize?.get(method, template, status).observe(responseBytes, exemplar);
  }
}

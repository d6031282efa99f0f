import type { ExemplarLabels } from '../metrics/exemplars.js';
import type { GaugeChild } from '../metrics/gauge.js';
import type { Measuring } from '../model/excluded.js';
import { type ByteCount, countReply, countRequest } from './body-sizes.js';
import { exemplarOf } from './exemplar.js';
import type { ServerReply, ServerRequest } from './messages.js';
import { methodLabel } from './methods.js';
import type { HttpSeries } from './series.js';
import { statusOf } from './status.js';

/** What the label says where no route took the request. */
export const UNMATCHED = 'unmatched';

/** A route's template, or what gives it when the request is over; undefined where no route took the request. */
export type RouteOf = string | ((request: ServerRequest, reply: ServerReply) => string | undefined);

/** One request and its response, from the one's arrival to the other's end. */
export class Exchange implements Measuring {
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

  /** Somebody further in tells the route; the last who knows it is right. */
  tell(route: RouteOf | undefined): void {
    if (route !== undefined) this.route = route;
    if (this.series.hasExemplars) this.exemplar = exemplarOf(this.exemplar, this.series.faults);
  }

  /**
   * Records the request. It is called on every sign that it may be over; the first one counts. Never throws.
   *
   * @param finished Whether the response has said `finish`.
   */
  end(finished: boolean): void {
    if (this.over) return;
    const seconds = (performance.now() - this.start) / 1000;
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
    // What was set back in the meantime no longer has this request in it.
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

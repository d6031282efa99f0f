import type { HttpSeries } from './families.js';
import { Measurement } from './measurement.js';
import {
  type ByteCount,
  countReply,
  countRequest,
  type ServerReply,
  type ServerRequest,
  statusOf,
} from './messages.js';

/** A route's template, or a function that returns it when the request is over; undefined if no route handled it. */
export type RouteOf = string | ((request: ServerRequest, reply: ServerReply) => string | undefined);

/** One request of a Node server, measured from its arrival to the end of its response. */
export class MeasuredRequest extends Measurement<RouteOf> {
  private readonly requestBytes: ByteCount | undefined;
  private readonly replyBytes: ByteCount | undefined;
  private finished = false;

  constructor(
    series: HttpSeries,
    private readonly request: ServerRequest,
    private readonly reply: ServerReply,
    route: RouteOf | undefined,
  ) {
    super(series, request.method, route);
    this.requestBytes = series.requestSize && countRequest(request);
    this.replyBytes = series.responseSize && countReply(request, reply);
  }

  /**
   * Records the request if it has not been recorded yet. Never throws.
   *
   * @param finished Whether the response emitted `finish`.
   */
  end(finished: boolean): void {
    this.finished = finished;
    this.finish();
  }

  protected record(seconds: number): void {
    const { request, reply } = this;
    const route = typeof this.route === 'function' ? this.route(request, reply) : this.route;
    this.observe(seconds, route, statusOf(request, reply, this.finished), this.requestBytes?.(), this.replyBytes?.());
  }
}

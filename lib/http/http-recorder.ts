import { MEASURED_BY, type Measured } from '../model/excluded.js';
import { register } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { Exchange, type RouteOf } from './exchange.js';
import { ignoredBy } from './ignored.js';
import type { ServerReply, ServerRequest } from './messages.js';
import { checkHttpOptions, type HttpMetricsOptions } from './options.js';
import { isQueued, watchQueued } from './queued.js';
import { HttpSeries } from './series.js';

/**
 * Records the requests of a server by method, route and status code. What `promark/express`, `promark/fastify` and
 * `promark/nest` are made of; call it yourself for other frameworks.
 *
 * @example
 * const recorder = new HttpRecorder();
 * createServer((request, response) => {
 *   recorder.begin(request, response, () => router.templateOf(request));
 *   …
 * });
 */
export class HttpRecorder {
  private readonly registry: Registry;
  private readonly ignores: (request: ServerRequest) => boolean;
  private current: HttpSeries;

  /** Makes the families. Throws ConfigError for options that cannot be used, ConflictError for families that are others. */
  constructor(private readonly options: HttpMetricsOptions = {}) {
    checkHttpOptions(options);
    this.registry = options.registry ?? register;
    this.ignores = ignoredBy(options.ignore);
    this.current = new HttpSeries(this.registry, options);
  }

  /**
   * Begins to measure a request; it is recorded once, when its response is finished or its connection closed. For a
   * response that is measured already, this tells its route only. Never throws.
   *
   * @param route The template of the route, such as `/orders/:id`, or a function that is asked for it when the request
   * is over. Never the path itself: each would be a series. Default: `unmatched`.
   */
  begin(request: ServerRequest, reply: ServerReply, route?: RouteOf): void {
    try {
      const measured = reply as Measured;
      const exchange = measured[MEASURED_BY];
      if (exchange !== undefined) {
        (exchange as Exchange).tell(route);
        return;
      }
      if (this.ignores(request)) return;
      measured[MEASURED_BY] = new Exchange(this.series, request, reply, route);
      // A response that is broken off is closed without being finished.
      reply.on('finish', finished);
      reply.on('close', closed);
      if (isQueued(request, reply)) watchQueued(request, reply, closed);
    } catch (error) {
      this.registry.faults.instrumentation('HTTP metrics', error);
    }
  }

  private get series(): HttpSeries {
    if (this.current.isStale) this.current = new HttpSeries(this.registry, this.options);
    return this.current;
  }
}

// One listener for all responses each: they are called on the response.

function finished(this: Measured): void {
  (this[MEASURED_BY] as Exchange).end(true);
}

function closed(this: Measured): void {
  (this[MEASURED_BY] as Exchange).end(false);
}

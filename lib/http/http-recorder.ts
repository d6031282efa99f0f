import type { HttpMetricsOptions } from './families.js';
import type { RouteOf } from './measured-request.js';
import type { ServerReply, ServerRequest } from './messages.js';
import { createRequestRecorder, type RequestRecorder } from './request-recorder.js';

/**
 * Records the requests of a server by method, route and status code. `promark/express`, `promark/fastify` and
 * `promark/nest` record in the same way; use this class for other frameworks.
 *
 * @example
 * const recorder = new HttpRecorder();
 * createServer((request, response) => {
 *   recorder.begin(request, response, () => router.templateOf(request));
 *   …
 * });
 */
export class HttpRecorder {
  // A class of its own, because importing the package must not load what only measured servers need.
  private readonly recorder: RequestRecorder;

  /**
   * Creates the families. Throws ConfigError for invalid options, and ConflictError if a family exists with another
   * definition.
   */
  constructor(options: HttpMetricsOptions = {}) {
    this.recorder = createRequestRecorder(options);
  }

  /**
   * Starts measuring a request, which is recorded once its response has finished or its connection has closed. If the
   * response is already being measured, only its route is set. Never throws.
   *
   * @param route The template of the route, such as `/orders/:id`, or a function that returns it, called when the
   * request is over. Never the path itself: each would become a series. Default: `unmatched`.
   */
  begin(request: ServerRequest, reply: ServerReply, route?: RouteOf): void {
    this.recorder.begin(request, reply, route);
  }
}

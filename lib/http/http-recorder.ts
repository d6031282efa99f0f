import type { Socket } from 'node:net';
import { MEASURED_BY, type Measured } from '../model/excluded.js';
import { register } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { HttpSeries } from './families.js';
import { MeasuredRequest, type RouteOf } from './measured-request.js';
import { requestTarget, type ServerReply, type ServerRequest } from './messages.js';
import { checkHttpOptions, type HttpMetricsOptions } from './options.js';

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
        (exchange as MeasuredRequest).setRoute(route);
        return;
      }
      if (this.ignores(request)) return;
      measured[MEASURED_BY] = new MeasuredRequest(this.series, request, reply, route);
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
  (this[MEASURED_BY] as MeasuredRequest).end(true);
}

function closed(this: Measured): void {
  (this[MEASURED_BY] as MeasuredRequest).end(false);
}

const METRICS = ['/metrics'];

/** Makes the test whether a request is not to be counted. */
export function ignoredBy(ignore: HttpMetricsOptions['ignore'] = METRICS): (request: ServerRequest) => boolean {
  if (typeof ignore === 'function') return ignore;
  const paths = [...ignore];
  return (request) => {
    const target = requestTarget(request);
    for (const path of paths) {
      // `/metrics` and `/metrics?name[]=a`, without cutting every target in two.
      if (target.startsWith(path) && (target.length === path.length || target[path.length] === '?')) return true;
    }
    return false;
  };
}

/** The responses that wait for their turn on a connection. */
const queues = new WeakMap<Socket, Set<Measured>>();

/**
 * Whether a request came in behind others that are not answered yet, so that its response has no connection so far. Node
 * does not tell such a response when the connection breaks.
 */
export function isQueued(request: ServerRequest, reply: ServerReply): boolean {
  // HTTP/2 has no queue, and its responses make a socket when they are asked for one. Imitations may have none at all.
  return request.httpVersionMajor < 2 && reply.socket === null && Boolean(request.socket);
}

/** Calls `gone` on a queued response if its connection breaks before its turn has come. */
export function watchQueued({ socket }: ServerRequest, reply: ServerReply, gone: (this: Measured) => void): void {
  let queue = queues.get(socket);
  if (queue === undefined) {
    queue = new Set();
    queues.set(socket, queue);
    // One listener for all: a client may send as many requests in a row as it likes.
    socket.once('close', callEach.bind(queue, gone));
  }
  const waiting = queue.add(reply as Measured);
  reply.once('socket', () => void waiting.delete(reply as Measured));
}

function callEach(this: ReadonlySet<Measured>, gone: (this: Measured) => void): void {
  for (const reply of this) gone.call(reply);
}

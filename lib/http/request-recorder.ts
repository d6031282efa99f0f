import type { Socket } from 'node:net';
import { MEASURED_BY, type Measured } from '../model/excluded.js';
import { CurrentSeries, checkHttpOptions, type HttpMetricsOptions, ignoredBy } from './families.js';
import { MeasuredRequest, type RouteOf } from './measured-request.js';
import { requestTarget, type ServerReply, type ServerRequest } from './messages.js';

/** Returns a recorder of requests. Throws what the constructor of `HttpRecorder` throws. */
export function createRequestRecorder(options: HttpMetricsOptions): RequestRecorder {
  return new RequestRecorder(options);
}

/** What `HttpRecorder` and the middleware of each framework record with. */
export class RequestRecorder {
  private readonly series: CurrentSeries;
  private readonly ignores: (request: ServerRequest) => boolean;

  constructor(options: HttpMetricsOptions) {
    checkHttpOptions(options);
    this.ignores = ignoredBy(options.ignore, requestTarget);
    this.series = new CurrentSeries(options);
  }

  /** As `HttpRecorder.begin`. */
  begin(request: ServerRequest, reply: ServerReply, route?: RouteOf): void {
    try {
      const measured = reply as Measured;
      const exchange = measured[MEASURED_BY];
      if (exchange !== undefined) {
        (exchange as MeasuredRequest).setRoute(route);
        return;
      }
      if (this.ignores(request)) return;
      measured[MEASURED_BY] = new MeasuredRequest(this.series.get(), request, reply, route);
      // An aborted response is closed without being finished.
      reply.on('finish', finished);
      reply.on('close', closed);
      if (isQueued(request, reply)) watchQueued(request, reply, closed);
    } catch (error) {
      this.series.registry.faults.instrumentation('HTTP metrics', error);
    }
  }
}

// Shared listeners: they are called with the response as `this`.

function finished(this: Measured): void {
  (this[MEASURED_BY] as MeasuredRequest).end(true);
}

function closed(this: Measured): void {
  (this[MEASURED_BY] as MeasuredRequest).end(false);
}

/** The pipelined responses waiting for their turn on a connection. */
const queues = new WeakMap<Socket, Set<Measured>>();

/**
 * Whether a request was pipelined behind unanswered ones, so that its response has no socket yet. Node does not notify
 * such a response when the connection breaks.
 */
export function isQueued(request: ServerRequest, reply: ServerReply): boolean {
  // HTTP/2 has no queue, and reading the socket of its responses would create one. Mocks may have none at all.
  return request.httpVersionMajor < 2 && reply.socket === null && Boolean(request.socket);
}

/** Calls `onClose` on a queued response if its connection breaks before its turn. */
export function watchQueued({ socket }: ServerRequest, reply: ServerReply, onClose: (this: Measured) => void): void {
  let queue = queues.get(socket);
  if (queue === undefined) {
    queue = new Set();
    queues.set(socket, queue);
    // A single listener: a client may pipeline any number of requests.
    socket.once('close', callEach.bind(queue, onClose));
  }
  const waiting = queue.add(reply as Measured);
  reply.once('socket', () => void waiting.delete(reply as Measured));
}

function callEach(this: ReadonlySet<Measured>, onClose: (this: Measured) => void): void {
  for (const reply of this) onClose.call(reply);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutOff } from './transport.js';

// Node limits the bytes waiting to be sent on a connection, but not the number of unanswered requests: a client that
// pipelines requests and never reads would fill the heap. Pausing the socket would be too late, since everything read
// at once is parsed at once: some 1 800 requests. Scrapers do not pipeline, so a connection with more than a few
// unanswered requests is closed.

/**
 * Maximum number of unanswered requests on a connection. Each of them costs time when the connection is closed.
 */
const MAX_PIPELINED = 4;

/** Maximum number of unanswered streams in an HTTP/2 session, which a proxy may share among scrapers. */
const MAX_STREAMS = 10;

/** The HTTP/2 error code for a request that was not processed and may be retried (RFC 9113, section 8.7). */
const REFUSED_STREAM = 7;

/** The admitted, unanswered requests of one connection. */
interface Unanswered {
  count: number;
  /** Called when the connection closes: responses queued behind others get no event. */
  readonly waiting: Set<() => void>;
}

/** By socket or HTTP/2 session. */
const unanswered = new WeakMap<object, Unanswered>();
const admitted = new WeakMap<ServerResponse, Unanswered>();

interface Http2Request {
  readonly stream?: { readonly session?: object; close(code: number): void };
}

/**
 * Counts a request until it is answered. If its connection has too many, closes the connection; in HTTP/2, refuses only
 * this request. Counting a request twice has no effect.
 *
 * @returns Whether to answer the request.
 */
export function admitRequest(request: IncomingMessage, response: ServerResponse): boolean {
  if (admitted.has(response)) return true;
  const { socket } = request;
  const { stream } = request as Http2Request;
  const connection = stream?.session ?? socket;
  if (connection === undefined) return true;
  if (stream === undefined && socket.destroyed) return false;
  let requests = unanswered.get(connection);
  if (requests === undefined) {
    requests = { count: 0, waiting: new Set() };
    unanswered.set(connection, requests);
    const { waiting } = requests;
    if (stream === undefined) socket.once('close', () => waiting.forEach((stop) => void stop()));
  }
  const ofConnection = requests;
  if (ofConnection.count >= (stream === undefined ? MAX_PIPELINED : MAX_STREAMS)) {
    if (stream !== undefined) stream.close(REFUSED_STREAM);
    else {
      cutOff(response);
      stopParsing(socket);
    }
    return false;
  }
  admitted.set(response, ofConnection);
  ofConnection.count += 1;
  response.once('close', () => {
    ofConnection.count -= 1;
  });
  return true;
}

/**
 * Keeps Node from parsing further requests out of what it has already read from a closed connection. The parser asks
 * `onIncoming` how to proceed; 2 means that what follows is not HTTP. If the runtime has no such parser, the requests
 * are parsed and ignored.
 */
function stopParsing(socket: IncomingMessage['socket']): void {
  const { parser } = socket as { readonly parser?: { onIncoming?: unknown } | null };
  if (typeof parser?.onIncoming === 'function') parser.onIncoming = () => 2;
}

/**
 * Waits until earlier requests on the same connection are answered or the connection is closed, so that responses to a
 * client that sends many requests at once are rendered one at a time.
 */
export async function waitForTurn(response: ServerResponse): Promise<void> {
  if (response.socket !== null || response.destroyed) return;
  const waiting = admitted.get(response)?.waiting;
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      waiting?.delete(stop);
      resolve();
    };
    waiting?.add(stop);
    response.once('socket', stop);
  });
}

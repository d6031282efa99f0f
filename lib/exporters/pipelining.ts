import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutOff } from './transport.js';

// Node limits how many bytes wait to be sent on a connection, but not how many requests wait for an answer: a client that
// pipelines requests and never reads would fill the heap. Nor can the socket be paused in time: what was read at once is
// parsed at once, some 1 800 requests. Scrapers do not pipeline, so a connection with more than a few requests is closed.

/** The most unanswered requests of one connection, or unanswered streams of one HTTP/2 session. */
const MOST = 10;

/** HTTP/2's way to say that a request was not processed and may be sent again (RFC 9113, section 8.7). */
const REFUSED_STREAM = 7;

/** The numbers of unanswered requests, by socket or HTTP/2 session. */
const unanswered = new WeakMap<object, number>();
const admitted = new WeakSet<ServerResponse>();

interface Http2Request {
  readonly stream?: { readonly session?: object; close(code: number): void };
}

/**
 * Counts a request until it is answered. If its connection has too many, closes the connection; in HTTP/2, refuses the
 * request alone. Counting a request twice has no effect.
 *
 * @returns Whether the request is to be answered.
 */
export function admitRequest(request: IncomingMessage, response: ServerResponse): boolean {
  if (admitted.has(response)) return true;
  const { socket } = request;
  const { stream } = request as Http2Request;
  const connection = stream?.session ?? socket;
  if (connection === undefined) return true;
  if (stream === undefined && socket.destroyed) return false;
  const before = unanswered.get(connection) ?? 0;
  if (before >= MOST) {
    if (stream !== undefined) stream.close(REFUSED_STREAM);
    else {
      cutOff(response);
      stopParsing(socket);
    }
    return false;
  }
  admitted.add(response);
  unanswered.set(connection, before + 1);
  // Responses that wait behind others are not closed with their connection, but then it is of no use any more either.
  response.once('close', () => unanswered.set(connection, (unanswered.get(connection) ?? 1) - 1));
  return true;
}

/**
 * Keeps Node from making requests of the rest of what it has read from a connection that is cut off. The parser asks
 * `onIncoming` how to go on; 2 means that what follows is not HTTP. Without a parser of that kind, it makes them in vain.
 */
function stopParsing(socket: IncomingMessage['socket']): void {
  const { parser } = socket as { readonly parser?: { onIncoming?: unknown } | null };
  if (typeof parser?.onIncoming === 'function') parser.onIncoming = () => 2;
}

/**
 * Waits until earlier requests on the same connection are answered, so that a client that sends many at once has one
 * answer made at a time.
 */
export async function turnOf(response: ServerResponse): Promise<void> {
  if (response.socket !== null || response.destroyed) return;
  await new Promise((resolve) => response.once('socket', resolve));
}

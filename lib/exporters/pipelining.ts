import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutOff } from './transport.js';

// Node limits how many bytes wait to be sent on a connection, but not how many requests wait for an answer: a client that
// pipelines requests and never reads would fill the heap. Nor can the socket be paused in time: what was read at once is
// parsed at once, some 1 800 requests. Scrapers do not pipeline, so a connection with more than a few requests is closed.

/** The most unanswered requests of one connection. Each further one costs the server time when it closes the connection. */
const MOST_PIPELINED = 4;

/** The most unanswered streams of an HTTP/2 session, which a proxy may share among scrapers. */
const MOST_STREAMS = 10;

/** HTTP/2's way to say that a request was not processed and may be sent again (RFC 9113, section 8.7). */
const REFUSED_STREAM = 7;

/** The requests of one connection that are admitted and not answered. */
interface Unanswered {
  count: number;
  /** Called when the connection closes: responses that wait behind others get no event. */
  readonly waiting: Set<() => void>;
}

/** By socket or HTTP/2 session. */
const unanswered = new WeakMap<object, Unanswered>();
const admitted = new WeakMap<ServerResponse, Unanswered>();

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
  let known = unanswered.get(connection);
  if (known === undefined) {
    known = { count: 0, waiting: new Set() };
    unanswered.set(connection, known);
    const { waiting } = known;
    if (stream === undefined) socket.once('close', () => waiting.forEach((stop) => void stop()));
  }
  const mine = known;
  if (mine.count >= (stream === undefined ? MOST_PIPELINED : MOST_STREAMS)) {
    if (stream !== undefined) stream.close(REFUSED_STREAM);
    else {
      cutOff(response);
      stopParsing(socket);
    }
    return false;
  }
  admitted.set(response, mine);
  mine.count += 1;
  response.once('close', () => {
    mine.count -= 1;
  });
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
 * answer made at a time; or until the connection is closed.
 */
export async function turnOf(response: ServerResponse): Promise<void> {
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

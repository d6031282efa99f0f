import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ServerReply, ServerRequest } from './messages.js';

/** nginx's status code for a client that left before it had the whole response. */
const CLIENT_CLOSED = 499;
const SERVER_ERROR = 500;
/** RST_STREAM's codes for no error and for one of this side (RFC 9113, section 7). */
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/**
 * How a response ended: sent in full, the client left before, or the server aborted it, without an error or with one.
 * Frameworks abort without an error when a handler fails after the headers are sent.
 */
type End = 'sent' | 'left' | 'dropped' | 'failed';

/**
 * Returns the status code of a request: that of its response if it was sent in full, 500 if the server aborted it, else
 * 499. An event stream has no end of its own: without an error, its status code stands, no matter which side closes it.
 *
 * @param finished Whether the response has said `finish`, not `close` only.
 */
export function statusOf(request: ServerRequest, reply: ServerReply, finished: boolean): number {
  const end =
    request.httpVersionMajor < 2
      ? endOf(request as IncomingMessage, reply as ServerResponse, finished)
      : endOfStream(reply as Http2ServerResponse);
  if (end === 'sent' || (end !== 'failed' && isEventStream(request, reply))) return reply.statusCode;
  return end === 'left' ? CLIENT_CLOSED : SERVER_ERROR;
}

function endOf({ socket }: IncomingMessage, reply: ServerResponse, finished: boolean): End {
  // Node emits `finish` even if the connection breaks while the end of the response is still queued.
  if (finished && socket?.destroyed !== true) return 'sent';
  // Only an abort on this side has an error.
  if (reply.errored) return 'failed';
  // A client that leaves ends or resets the connection; the socket shows both.
  return socket?.destroyed === true && !socket.readableEnded && !socket.errored ? 'dropped' : 'left';
}

/** HTTP/2 emits `finish` however a stream has ended. */
function endOfStream({ stream, writableEnded }: Http2ServerResponse): End {
  if (stream.rstCode === INTERNAL_ERROR) return 'failed';
  if (stream.rstCode !== NO_ERROR) return 'left';
  if (writableEnded) return 'sent';
  return stream.writableFinished ? 'left' : 'dropped';
}

function isEventStream(request: ServerRequest, reply: ServerReply): boolean {
  // Headers given to `writeHead` only cannot be read back, but an EventSource always sends Accept.
  const type = reply.getHeader('content-type') ?? request.headers.accept;
  return reply.headersSent && typeof type === 'string' && type.startsWith('text/event-stream');
}

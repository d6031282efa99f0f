import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ServerReply, ServerRequest } from './messages.js';

/** nginx's code, and the field's, for a client that went away before it had the whole answer. */
const CLIENT_CLOSED = 499;
const SERVER_ERROR = 500;
/** RST_STREAM's codes for no error and for one of this side (RFC 9113, section 7). */
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/**
 * How an answer ended: it was sent whole, the client left before that, or this side broke it off, either just so or with
 * an error. Frameworks break off without one when a handler fails after the headers are sent.
 */
type End = 'sent' | 'left' | 'dropped' | 'failed';

/**
 * The status that a request ended with: that of its answer if it was sent to its end, 500 where this side broke it off,
 * else 499. An event stream has no end: without an error, its own status stands whoever ends it.
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
  // Node says `finish` also when a connection breaks on which the end of the answer was still waiting.
  if (finished && socket?.destroyed !== true) return 'sent';
  // Only who breaks off here gives an error.
  if (reply.errored) return 'failed';
  // A client that leaves ends the connection or breaks it, and either can be seen on the socket.
  return socket?.destroyed === true && !socket.readableEnded && !socket.errored ? 'dropped' : 'left';
}

/** HTTP/2 says `finish` however a stream has ended. */
function endOfStream({ stream, writableEnded }: Http2ServerResponse): End {
  if (stream.rstCode === INTERNAL_ERROR) return 'failed';
  if (stream.rstCode !== NO_ERROR) return 'left';
  if (writableEnded) return 'sent';
  return stream.writableFinished ? 'left' : 'dropped';
}

function isEventStream(request: ServerRequest, reply: ServerReply): boolean {
  // What is given to `writeHead` alone cannot be asked for, but an EventSource always says what it wants.
  const type = reply.getHeader('content-type') ?? request.headers.accept;
  return reply.headersSent && typeof type === 'string' && type.startsWith('text/event-stream');
}

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ServerReply, ServerRequest } from './messages.js';

/** nginx's code, and the field's, for a client that went away before it had the whole answer. */
const CLIENT_CLOSED = 499;
const SERVER_ERROR = 500;
/** RST_STREAM's code for an error of this side (RFC 9113, section 7). */
const INTERNAL_ERROR = 2;

/**
 * The status that a request ended with: that of its answer if it was sent to its end, 500 where this side broke it off
 * with an error, else 499. A client that leaves an event stream does what clients of event streams do.
 */
export function statusOf(request: ServerRequest, reply: ServerReply): number {
  const { statusCode } = reply;
  const broken =
    request.httpVersionMajor < 2 ? brokenOff(reply as ServerResponse) : reset(reply as Http2ServerResponse);
  if (broken === CLIENT_CLOSED && isEventStream(request, reply)) return statusCode;
  return broken ?? statusCode;
}

function brokenOff(reply: ServerResponse): number | undefined {
  if (reply.writableFinished) return undefined;
  // Only who breaks off here gives an error.
  return reply.errored ? SERVER_ERROR : CLIENT_CLOSED;
}

/** HTTP/2 says `finish` however a stream has ended. */
function reset({ stream, writableEnded }: Http2ServerResponse): number | undefined {
  if (writableEnded && stream.rstCode === 0) return undefined;
  return stream.rstCode === INTERNAL_ERROR ? SERVER_ERROR : CLIENT_CLOSED;
}

function isEventStream(request: ServerRequest, reply: ServerReply): boolean {
  // What is given to `writeHead` alone cannot be asked for, but an EventSource always says what it wants.
  const type = reply.getHeader('content-type') ?? request.headers.accept;
  return reply.headersSent && typeof type === 'string' && type.startsWith('text/event-stream');
}

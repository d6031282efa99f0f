import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request of Node's HTTP/1 or HTTP/2 server. */
export type ServerRequest = IncomingMessage | Http2ServerRequest;

/** A response of Node's HTTP/1 or HTTP/2 server. */
export type ServerReply = ServerResponse | Http2ServerResponse;

/** Returns the path that the client requested, including the query; routers strip the matched part from `url`. */
export function requestTarget(request: ServerRequest): string {
  return (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';
}

/** Returns the number of bytes counted so far. */
export type ByteCount = () => number;

type Method = (...args: unknown[]) => unknown;

/** Returns the size of a request's body: its Content-Length or, without one, the number of bytes received. */
export function countRequest(request: ServerRequest): ByteCount {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (length !== undefined) return () => Number(length) || 0;
  if (encoding === undefined && request.httpVersionMajor < 2) return () => 0;
  let bytes = 0;
  // A `data` listener would start the stream before the program is ready for it.
  const push = request.push as Method;
  request.push = ((...args: unknown[]) => {
    bytes += bytesOf(args[0], args[1]);
    return push.apply(request, args);
  }) as typeof request.push;
  return () => bytes;
}

/** Counts the bytes of a response's body as they are written, after any compression. */
export function countReply(request: ServerRequest, reply: ServerReply): ByteCount {
  let bytes = 0;
  let inside = false;
  const counting = (call: Method): Method => {
    return (...args) => {
      // In HTTP/2, `end` calls `write`.
      if (inside) return call.apply(reply, args);
      inside = true;
      bytes += bytesOf(args[0], args[1]);
      try {
        return call.apply(reply, args);
      } finally {
        inside = false;
      }
    };
  };
  reply.write = counting(reply.write as Method) as typeof reply.write;
  reply.end = counting(reply.end as Method) as typeof reply.end;
  // Node accepts a body for responses that cannot have one, and does not send it.
  const { method } = request;
  return () => (method === 'HEAD' || reply.statusCode === 204 || reply.statusCode === 304 ? 0 : bytes);
}

function bytesOf(chunk: unknown, encoding: unknown): number {
  if (chunk instanceof Uint8Array) return chunk.byteLength;
  if (typeof chunk !== 'string') return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
  return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
}

/** nginx's status code for a client that left before receiving the whole response. */
export const CLIENT_CLOSED = 499;
/** The status code of a request whose handler or response failed. */
export const SERVER_ERROR = 500;
/** RST_STREAM codes for no error and for an internal error (RFC 9113, section 7). */
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/**
 * How a response ended: sent in full, abandoned by the client, or aborted by the server without or with an error.
 * Frameworks abort without an error when a handler fails after the headers are sent.
 */
type End = 'sent' | 'left' | 'dropped' | 'failed';

/**
 * Returns the status code of a request: that of its response if it was sent in full, 500 if the server aborted it,
 * otherwise 499. An event stream has no defined end: without an error, its status code counts, no matter which side
 * closes it.
 *
 * @param finished Whether the response emitted `finish`, not just `close`.
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
  // Only an abort by the server has an error.
  if (reply.errored) return 'failed';
  // A client that leaves ends or resets the connection; the socket shows both.
  return socket?.destroyed === true && !socket.readableEnded && !socket.errored ? 'dropped' : 'left';
}

/** HTTP/2 emits `finish` no matter how a stream ended. */
function endOfStream({ stream, writableEnded }: Http2ServerResponse): End {
  if (stream.rstCode === INTERNAL_ERROR) return 'failed';
  if (stream.rstCode !== NO_ERROR) return 'left';
  if (writableEnded) return 'sent';
  return stream.writableFinished ? 'left' : 'dropped';
}

function isEventStream(request: ServerRequest, reply: ServerReply): boolean {
  // Headers only passed to `writeHead` cannot be read back, but an EventSource always sends Accept.
  const type = reply.getHeader('content-type') ?? request.headers.accept;
  return reply.headersSent && typeof type === 'string' && type.startsWith('text/event-stream');
}

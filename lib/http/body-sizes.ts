import type { ServerReply, ServerRequest } from './messages.js';

/** Returns the number of bytes so far. */
export type ByteCount = () => number;

type Call = (...args: unknown[]) => unknown;

/** Returns the size of a request's body: its Content-Length or, without one, the bytes that arrive. */
export function countRequest(request: ServerRequest): ByteCount {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (length !== undefined) return () => Number(length) || 0;
  if (encoding === undefined && request.httpVersionMajor < 2) return () => 0;
  let bytes = 0;
  // A data listener would start the stream before the program wants it.
  const push = request.push as Call;
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
  const counting = (call: Call): Call => {
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
  reply.write = counting(reply.write as Call) as typeof reply.write;
  reply.end = counting(reply.end as Call) as typeof reply.end;
  // Node accepts a body for responses that have none, and does not send it.
  const { method } = request;
  return () => (method === 'HEAD' || reply.statusCode === 204 || reply.statusCode === 304 ? 0 : bytes);
}

function bytesOf(chunk: unknown, encoding: unknown): number {
  if (chunk instanceof Uint8Array) return chunk.byteLength;
  if (typeof chunk !== 'string') return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
  return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
}

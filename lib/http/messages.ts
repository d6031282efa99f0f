import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request of Node's HTTP/1 or HTTP/2 server. */
export type ServerRequest = IncomingMessage | Http2ServerRequest;

/** A response of Node's HTTP/1 or HTTP/2 server. */
export type ServerReply = ServerResponse | Http2ServerResponse;

/** Returns the path that the client requested, query included; routers strip from `url` what they have matched. */
export function requestTarget(request: ServerRequest): string {
  return (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';
}

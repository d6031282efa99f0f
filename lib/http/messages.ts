import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request as Node's servers hand it over. */
export type ServerRequest = IncomingMessage | Http2ServerRequest;

/** What answers it. */
export type ServerReply = ServerResponse | Http2ServerResponse;

/** The path that a client asked for, query included; routers take from `url` what they have matched. */
export function requestTarget(request: ServerRequest): string {
  return (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';
}

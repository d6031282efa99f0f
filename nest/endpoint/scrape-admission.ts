import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { admitRequest, type ServerReply, type ServerRequest } from '../../lib/index.js';
import { followExpress, isExpressApp } from '../http/express-app.js';

/**
 * Limits how many scrapes of a connection wait for an answer, before middleware, guards and the router of the app see
 * them: a client may send thousands at once, and guards are asynchronous.
 */
export function limitScrapes(adapter: AbstractHttpAdapter, paths: readonly string[]): void {
  if (paths.length === 0) return;
  const known = new Set(paths.map(comparable));
  const admits = (request: ServerRequest, reply: ServerReply): boolean =>
    !known.has(comparable(request.url ?? '')) || admitRequest(request as IncomingMessage, reply as ServerResponse);
  const app: unknown = adapter.getInstance();
  if (isExpressApp(app)) followExpress(app, admits);
  // The app still gets the request that was one too many, but none after it: its connection is closed.
  else adapter.getHttpServer()?.prependListener('request', admits);
}

/** A path without the query, as routers compare it. */
function comparable(target: string): string {
  return target.split('?', 1)[0].replace(/\/+$/, '').toLowerCase();
}

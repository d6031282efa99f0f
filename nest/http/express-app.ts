import type { ServerReply, ServerRequest } from '../../lib/index.js';

type Handle = (this: unknown, request: ServerRequest, reply: ServerReply, next?: unknown) => unknown;

/** What is used of an Express app: what its servers and the apps that it is mounted in call for each request. */
export interface ExpressApp {
  handle: Handle;
}

export function isExpressApp(app: unknown): app is ExpressApp {
  return typeof (app as Partial<ExpressApp> | null | undefined)?.handle === 'function';
}

/**
 * Calls `begin` with every request that an Express app gets, before all that the app does, whichever server it comes in
 * by; the app does not see those for which it returns false. A middleware would cost each request several times as much,
 * and miss what one before it has answered.
 */
export function followExpress(app: ExpressApp, begin: (request: ServerRequest, reply: ServerReply) => unknown): void {
  const { handle } = app;
  app.handle = function (request, reply, next) {
    if (begin(request, reply) === false) return undefined;
    return handle.call(this, request, reply, next);
  };
}

import { RequestMethod } from '@nestjs/common';
import type { ServerReply, ServerRequest } from '../../lib/index.js';

// Nest's own key; the package does not export it. Nest copies what is known of a controller's method to its handler.
const METHOD_METADATA = 'method';

/** Where a route keeps its template, made once; null where it is none that a request ends in. */
const TEMPLATE = Symbol.for('promark.nest.template');

/** What Express says of the route that has taken a request. */
interface ExpressRoute {
  [TEMPLATE]?: string | null;
  readonly path: unknown;
  readonly stack?: readonly { readonly handle?: object }[];
}

interface ExpressRequest {
  readonly route?: ExpressRoute;
  /** Where the app itself is mounted. */
  readonly baseUrl?: string;
}

/** The template of the route that has taken a request, global prefix and version included. */
export function expressRoute(request: ServerRequest): string | undefined {
  const { route, baseUrl = '' } = request as ServerRequest & ExpressRequest;
  if (route === undefined) return undefined;
  let template = route[TEMPLATE];
  if (template === undefined) {
    template = templateOf(route);
    route[TEMPLATE] = template;
  }
  return template === null ? undefined : baseUrl + template;
}

/** Nest has routes for middleware too. Of those that no controller has, the ones for any path tell nothing. */
function templateOf({ path, stack = [] }: ExpressRoute): string | null {
  const text = [path].flat().map(String).join('|');
  const isController = stack.some(({ handle }) => handle && isVerb(Reflect.getMetadata(METHOD_METADATA, handle)));
  return isController || !text.includes('*') ? text : null;
}

function isVerb(value: unknown): boolean {
  return typeof value === 'number' && value in RequestMethod;
}

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
 * by. A middleware would cost each request several times as much, and miss what one before it has answered.
 */
export function followExpress(app: ExpressApp, begin: (request: ServerRequest, reply: ServerReply) => void): void {
  const { handle } = app;
  app.handle = function (request, reply, next) {
    begin(request, reply);
    return handle.call(this, request, reply, next);
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpMetricsOptions } from '../families.js';
import { RequestRecorder } from '../request-recorder.js';

/** The part of a Koa context that is used, typed structurally so that promark does not depend on Koa. */
export interface KoaContextLike {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
}

/** A Koa middleware. */
export type KoaMiddleware = (ctx: KoaContextLike, next: () => Promise<unknown>) => Promise<unknown>;

/** What @koa/router adds to a context. */
interface Routed {
  readonly matched?: readonly { readonly methods: readonly string[]; readonly path: string | RegExp }[];
  readonly _matchedRoute?: string | RegExp;
}

/**
 * Returns a middleware that measures every request: use it before everything else. The route is that of `@koa/router`.
 * Throws ConfigError for invalid options.
 *
 * @example
 * const app = new Koa();
 * app.use(httpMetrics());
 */
export function httpMetrics(options: HttpMetricsOptions = {}): KoaMiddleware {
  const recorder = new RequestRecorder(options);
  return (ctx, next) => {
    recorder.begin(ctx.req, ctx.res, () => routeOf(ctx));
    return next();
  };
}

/** Returns the route called last or, if a router's middleware answered before any, the first one that matches. */
function routeOf(ctx: KoaContextLike & Routed): string | undefined {
  const routes = (ctx.matched ?? []).filter(({ methods }) => methods.includes(ctx.method));
  return (routes.find(({ path }) => path === ctx._matchedRoute) ?? routes[0])?.path.toString();
}

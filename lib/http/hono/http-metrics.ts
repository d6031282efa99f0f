import { MEASURED_BY, type Measured } from '../../model/excluded.js';
import { type FetchMetricsOptions, FetchRecorder } from '../fetch/fetch-recorder.js';
import type { ServerReply, ServerRequest } from '../messages.js';
import { RequestRecorder } from '../request-recorder.js';

/** The part of a Hono context that is used, typed structurally so that promark does not depend on Hono. */
export interface HonoContextLike {
  readonly req: {
    readonly raw: Request;
    /** The index of the route called last. */
    readonly routeIndex: number;
    /** The matching routes, in the order in which they are called. */
    readonly matchedRoutes: readonly HonoRoute[];
  };
  readonly env: unknown;
  res: Response;
}

interface HonoRoute {
  readonly path: string;
  readonly method: string;
  readonly handler: { readonly length: number };
}

/** A Hono middleware. */
export type HonoMiddleware = (c: HonoContextLike, next: () => Promise<void>) => Promise<void>;

/** What `@hono/node-server` passes as the environment. */
interface NodeBindings {
  readonly incoming?: ServerRequest;
  readonly outgoing?: ServerReply;
}

/**
 * Returns a middleware that measures every request: use it before everything else, for all paths. Throws ConfigError
 * for invalid options.
 *
 * @example
 * const app = new Hono();
 * app.use(httpMetrics());
 */
export function httpMetrics(options: FetchMetricsOptions = {}): HonoMiddleware {
  const recorder = new FetchRecorder(options);
  const { ignore: _, ...others } = options;
  // On Node, the native response provides more information than a stream and need not be replaced.
  const onNode = new RequestRecorder({ ...others, ignore: [] });
  return async (c, next) => {
    const { raw } = c.req;
    const { incoming, outgoing } = (c.env ?? {}) as NodeBindings;
    const route = (): string | undefined => routeOf(c);
    if (incoming !== undefined && outgoing !== undefined) {
      if (!recorder.ignores(raw)) onNode.begin(incoming, outgoing, route);
      const measured = (outgoing as Measured)[MEASURED_BY];
      if (measured !== undefined) (raw as Measured)[MEASURED_BY] = measured;
      await next();
      // The adapter passes headers only to `writeHead`, from which they cannot be read back.
      const type = c.res.headers.get('content-type');
      if (type?.startsWith('text/event-stream') && !outgoing.headersSent) outgoing.setHeader('content-type', type);
      return;
    }
    const response = await recorder.measure(raw, route, async () => {
      await next();
      return c.res;
    });
    if (response === c.res) return;
    // Otherwise Hono would merge the headers of both responses.
    Object.assign(c, { res: undefined });
    c.res = response;
  };
}

/** Returns the template of the route that answered, or undefined if none or only a wildcard middleware did. */
function routeOf({ req }: HonoContextLike): string | undefined {
  const route = req.matchedRoutes[req.routeIndex];
  if (route === undefined) return undefined;
  // Hono keeps middlewares and handlers in one list; only middlewares take `next`.
  const isMiddleware = route.method === 'ALL' && route.path.includes('*') && route.handler.length > 1;
  return isMiddleware ? undefined : route.path;
}

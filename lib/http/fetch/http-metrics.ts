import { type FetchMetricsOptions, FetchRecorder } from './fetch-recorder.js';
import type { FetchRoute } from './measured-fetch.js';

/** A request handler, with any other arguments that its runtime passes. */
export type RequestHandler<R extends Request, A extends unknown[]> = (
  request: R,
  ...rest: A
) => Response | Promise<Response>;

/** Measures handlers of one server. */
export interface FetchMetrics {
  /**
   * Wraps a handler to measure it.
   *
   * @param route The template of the route, such as `/orders/:id`, or a function that returns it, called when the
   * request is over. Never the path itself: each would become a series. Default: `unmatched`.
   */
  <R extends Request, A extends unknown[]>(
    route: FetchRoute,
    handler: RequestHandler<R, A>,
  ): (request: R, ...rest: A) => Promise<Response>;
  <R extends Request, A extends unknown[]>(
    handler: RequestHandler<R, A>,
  ): (request: R, ...rest: A) => Promise<Response>;
  /**
   * Wraps the handlers of a route table as used by `Bun.serve`, with the table's keys as routes. Static responses in
   * the table are not measured: Bun sends them without calling a handler.
   */
  routes<T extends object>(table: T): T;
}

type AnyHandler = RequestHandler<Request, unknown[]>;

/**
 * Measures the requests of servers that turn a `Request` into a `Response`: `Bun.serve`, `Deno.serve`, Next.js route
 * handlers, workers. Call it once. Nested handlers are not counted twice; the inner one sets the route. Throws
 * ConfigError for invalid options.
 *
 * @example
 * const measure = httpMetrics();
 * Deno.serve(measure(() => new Response('hello')));
 * Bun.serve({ routes: measure.routes({ '/orders/:id': getOrder }), fetch: measure(notFound) });
 * export const GET = measure('/orders/[id]', getOrder); // Next.js: app/orders/[id]/route.ts
 */
export function httpMetrics(options: FetchMetricsOptions = {}): FetchMetrics {
  const recorder = new FetchRecorder(options);
  const measured = (route: FetchRoute | undefined, handler: AnyHandler): AnyHandler =>
    function (this: unknown, request, ...rest) {
      return recorder.measure(request, route, () => handler.call(this, request, ...rest));
    };
  const measure = (first: FetchRoute | AnyHandler, second?: AnyHandler): AnyHandler =>
    second === undefined ? measured(undefined, first as AnyHandler) : measured(first as FetchRoute, second);
  const routes = (table: object): object => {
    const entries = Object.entries(table).map(([path, entry]) => [path, measuredEntry(path, entry)] as const);
    return Object.fromEntries(entries);
  };
  const measuredEntry = (path: string, entry: unknown): unknown => {
    if (typeof entry === 'function') return measured(path, entry as AnyHandler);
    // `{ GET: handler, POST: handler }`
    const isByMethod = typeof entry === 'object' && entry !== null && Object.getPrototypeOf(entry) === Object.prototype;
    if (!isByMethod) return entry;
    const methods = Object.entries(entry).map(([method, handler]) => [method, measuredEntry(path, handler)] as const);
    return Object.fromEntries(methods);
  };
  return Object.assign(measure, { routes }) as FetchMetrics;
}

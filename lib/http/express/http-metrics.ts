import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpMetricsOptions } from '../families.js';
import { RequestRecorder } from '../request-recorder.js';
import { routeOf, trackRoutes } from './route-template.js';

/** An Express middleware. */
export type HttpMetricsMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Returns a middleware that measures every request that reaches it: add it before everything else. It also
 * covers nested routers and mounted apps. Throws ConfigError for invalid options.
 *
 * @example
 * const app = express();
 * app.use(httpMetrics());
 */
export function httpMetrics(options: HttpMetricsOptions = {}): HttpMetricsMiddleware {
  const recorder = new RequestRecorder(options);
  return (request, response, next) => {
    trackRoutes(request);
    recorder.begin(request, response, routeOf);
    next();
  };
}

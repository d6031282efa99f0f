import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpRecorder } from '../http-recorder.js';
import type { HttpMetricsOptions } from '../options.js';
import { followRoutes, routeOf } from './route-template.js';

/** A middleware of Express. */
export type HttpMetricsMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Makes a middleware that measures every request that it sees: put it before everything else. Routers in routers and
 * mounted apps are seen through; a middleware for each of them is not needed and changes nothing. Throws ConfigError for
 * options that cannot be used.
 *
 * @example
 * const app = express();
 * app.use(httpMetrics());
 */
export function httpMetrics(options: HttpMetricsOptions = {}): HttpMetricsMiddleware {
  const recorder = new HttpRecorder(options);
  return (request, response, next) => {
    followRoutes(request);
    recorder.begin(request, response, routeOf);
    next();
  };
}

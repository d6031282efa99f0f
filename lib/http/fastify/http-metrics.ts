import { HttpRecorder } from '../http-recorder.js';
import type { HttpMetricsOptions } from '../options.js';
import { type FastifyPlugin, pluginOf } from './plugin.js';

/**
 * Makes a plugin that measures every request of the instance that it is registered with and of all instances within:
 * register it before everything else. Throws ConfigError for options that cannot be used.
 *
 * @example
 * const app = fastify();
 * app.register(httpMetrics());
 */
export function httpMetrics(options: HttpMetricsOptions = {}): FastifyPlugin {
  const recorder = new HttpRecorder(options);
  return pluginOf('promark-http-metrics', (fastify) => {
    fastify.addHook('onRequest', (request, reply, done) => {
      recorder.begin(request.raw, reply.raw, request.routeOptions?.url);
      done();
    });
  });
}

import { HttpRecorder } from '../http-recorder.js';
import type { ServerReply, ServerRequest } from '../messages.js';
import type { HttpMetricsOptions } from '../options.js';
import { type FastifyPlugin, pluginOf } from './plugin.js';

/**
 * Makes a plugin that measures every request of the instance that it is registered with and of all instances within:
 * register it with the app itself, before everything else. Throws ConfigError for options that cannot be used.
 *
 * @example
 * const app = fastify();
 * app.register(httpMetrics());
 */
export function httpMetrics(options: HttpMetricsOptions = {}): FastifyPlugin {
  const recorder = new HttpRecorder(options);
  return pluginOf('promark-http-metrics', (fastify) => {
    // Ahead of Fastify, which answers some requests without calling a hook: those whose path it cannot read, and all
    // that come while it closes. Instances within inherit the server; their requests are not all that it has.
    if (Object.hasOwn(fastify, 'server')) {
      fastify.server?.prependListener('request', (request: ServerRequest, reply: ServerReply) => {
        recorder.begin(request, reply);
      });
    }
    fastify.addHook('onRequest', (request, reply, done) => {
      recorder.begin(request.raw, reply.raw, request.routeOptions?.url);
      done();
    });
  });
}

import type { HttpMetricsOptions } from '../families.js';
import type { ServerReply, ServerRequest } from '../messages.js';
import { RequestRecorder } from '../request-recorder.js';
import { type FastifyPlugin, pluginOf } from './plugin.js';

/**
 * Returns a plugin that measures every request of the instance it is registered on and of all nested instances:
 * register it on the app itself, before everything else. Throws ConfigError for invalid options.
 *
 * @example
 * const app = fastify();
 * app.register(httpMetrics());
 */
export function httpMetrics(options: HttpMetricsOptions = {}): FastifyPlugin {
  const recorder = new RequestRecorder(options);
  return pluginOf('promark-http-metrics', (fastify) => {
    // Called before Fastify, which answers some requests without calling a hook: those with malformed paths, and those
    // that arrive while it closes. Nested instances inherit the server, but handle only some of its requests.
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

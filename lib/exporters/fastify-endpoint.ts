import { type FastifyPlugin, pluginOf } from '../http/fastify/plugin.js';
import { register } from '../registry/default-registry.js';
import { type MetricsHandlerOptions, metricsHandler } from './metrics-handler.js';
import type { PageSource } from './page-source.js';

/** What the endpoint of a Fastify app can be told. */
export interface MetricsEndpointOptions extends MetricsHandlerOptions {
  /** Where it stands. Default: `/metrics`. */
  readonly path?: string;
  /** Where the page comes from. Default: the default registry, `register`. */
  readonly registry?: PageSource;
}

/**
 * Makes a Fastify plugin that answers scrapes, GET and HEAD, as `metricsHandler` does. Throws ConfigError for options that
 * cannot be used.
 *
 * @example
 * app.register(metricsEndpoint({ path: '/internal/metrics' }));
 */
export function metricsEndpoint(options: MetricsEndpointOptions = {}): FastifyPlugin {
  const { path = '/metrics', registry = register, ...limits } = options;
  const answer = metricsHandler(registry, limits);
  return pluginOf('promark-metrics-endpoint', (fastify) => {
    fastify.route({
      method: 'GET',
      url: path,
      exposeHeadRoute: true,
      logLevel: 'warn',
      handler: (request, reply) => {
        reply.hijack();
        void answer(request.raw, reply.raw);
      },
    });
  });
}

import { type FastifyPlugin, pluginOf } from '../http/fastify/plugin.js';
import { checkOptions, type OptionRules, rule } from '../model/options.js';
import { register } from '../processes/multiprocess.js';
import { handlerRules, type MetricsHandlerOptions, metricsHandler } from './metrics-handler.js';
import type { PageSource } from './page-source.js';

/** Options of `metricsEndpoint`. */
export interface MetricsEndpointOptions extends MetricsHandlerOptions {
  /** The path of the route. Default: `/metrics`. */
  readonly path?: string;
  /** Where the page comes from. Default: the default registry, `register`. */
  readonly registry?: PageSource;
}

const rules: OptionRules<MetricsEndpointOptions> = { path: rule.string, registry: rule.any, ...handlerRules };

/**
 * Makes a Fastify plugin that answers scrapes, GET and HEAD, as `metricsHandler` does. Throws ConfigError for unusable
 * options.
 *
 * @example
 * app.register(metricsEndpoint({ path: '/internal/metrics' }));
 */
export function metricsEndpoint(options: MetricsEndpointOptions = {}): FastifyPlugin {
  checkOptions('metricsEndpoint', options, rules);
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

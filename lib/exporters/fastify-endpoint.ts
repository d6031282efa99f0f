import { type FastifyPlugin, pluginOf } from '../http/fastify/plugin.js';
import { ConfigError } from '../model/errors.js';
import { checkOptions, type OptionRules, rule } from '../model/options.js';
import { register } from '../processes/register.js';
import { handlerRules, type MetricsHandlerOptions } from './handler-options.js';
import { livePaths } from './live-page.js';
import { metricsHandler } from './metrics-handler.js';
import type { PageSource } from './page-source.js';

/** Options of `metricsEndpoint`. */
export interface MetricsEndpointOptions extends MetricsHandlerOptions {
  /** The path of the route. Default: `/metrics`. */
  readonly path?: string;
  /** The source of the page. Default: the default registry, `register`. */
  readonly registry?: PageSource;
}

const rules: OptionRules<MetricsEndpointOptions> = { path: rule.string, registry: rule.any, ...handlerRules };

/**
 * Returns a Fastify plugin that answers scrapes (GET and HEAD) like `metricsHandler`; with the option `page`, it also
 * adds a route for the live page. Throws ConfigError for invalid options.
 *
 * @example
 * app.register(metricsEndpoint({ path: '/internal/metrics' }));
 */
export function metricsEndpoint(options: MetricsEndpointOptions = {}): FastifyPlugin {
  checkOptions('metricsEndpoint', options, rules);
  const { path = '/metrics', registry = register, ...handlerOptions } = options;
  const { page } = handlerOptions;
  if (page === path)
    throw new ConfigError(`metricsEndpoint: the live page cannot be at ${path}, where the metrics are.`);
  const answer = metricsHandler(registry, handlerOptions);
  return pluginOf('promark-metrics-endpoint', (fastify) => {
    for (const url of [path, ...(page === undefined ? [] : livePaths(page))]) {
      fastify.route({
        method: 'GET',
        url,
        exposeHeadRoute: true,
        logLevel: 'warn',
        handler: (request, reply) => {
          reply.hijack();
          void answer(request.raw, reply.raw);
        },
      });
    }
  });
}

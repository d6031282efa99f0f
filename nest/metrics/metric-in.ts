import type { ModulesContainer } from '@nestjs/core';
import { ConfigError, ConflictError, type Registry } from '../../lib/index.js';
import { REGISTRY } from '../tokens.js';
import { metricToken } from './inject-metric.decorator.js';
import type { AnyMetric, MetricDefinition } from './metric-definition.js';

/** The registry, for `inject`: optional, so that it is not Nest which tells that it is missing. */
export const REGISTRY_IF_ANY = { token: REGISTRY, optional: true };

/**
 * The metric of a definition. Throws ConflictError, naming both metrics and the modules that want them, and ConfigError
 * where there is no registry.
 */
export function metricIn(
  registry: Registry | undefined,
  definition: MetricDefinition,
  modules: ModulesContainer,
): AnyMetric {
  if (registry === undefined) throw withoutRoot(definition.name);
  try {
    return definition.in(registry);
  } catch (error) {
    const wanted = modulesWith(definition.name, modules);
    if (!(error instanceof ConflictError) || wanted.length === 0) throw error;
    throw new ConflictError(`${error.message} The name "${definition.name}" is defined for ${wanted.join(' and ')}.`);
  }
}

function withoutRoot(name: string): ConfigError {
  return new ConfigError(
    `There is no registry for the metric "${name}". Import PrometheusModule.forRoot() in the app's root module, without ` +
      '`global: false`; a test of a single module imports it beside that module.',
  );
}

/** The names of the modules that import a definition of the name, or provide one. */
function modulesWith(name: string, modules: ModulesContainer): string[] {
  const token = metricToken(name);
  const all = [...modules.values()];
  const defining = new Set(all.filter(({ providers }) => providers.has(token)));
  const wanting = all.filter(
    (module) =>
      !isFeature(module.name) && (defining.has(module) || [...module.imports].some((one) => defining.has(one))),
  );
  return wanting.map((module) => module.name);
}

function isFeature(name: string): boolean {
  return name === 'PrometheusFeatureModule';
}

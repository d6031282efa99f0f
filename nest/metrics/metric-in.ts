import type { ModulesContainer } from '@nestjs/core';
import { ConflictError, type Registry } from '../../lib/index.js';
import { metricToken } from './inject-metric.decorator.js';
import type { AnyMetric, MetricDefinition } from './metric-definition.js';

/** The metric of a definition. Throws ConflictError, naming both metrics and the modules that want them. */
export function metricIn(registry: Registry, definition: MetricDefinition, modules: ModulesContainer): AnyMetric {
  try {
    return definition.in(registry);
  } catch (error) {
    const wanted = modulesWith(definition.name, modules);
    if (!(error instanceof ConflictError) || wanted.length === 0) throw error;
    throw new ConflictError(`${error.message} The name "${definition.name}" is defined for ${wanted.join(' and ')}.`);
  }
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

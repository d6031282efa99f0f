import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ConfigError, type Registry } from '../../lib/index.js';
import { isDefinition, type MetricDefinition, metricIn, metricToken, REGISTRY_IF_ANY } from './metric-definition.js';

/** Provides the metrics that one module of the app defines. */
@Module({})
export class PrometheusFeatureModule {}

/** Returns the module of these definitions. Throws ConfigError for anything else. */
export function featureModule(definitions: readonly MetricDefinition[]): DynamicModule {
  checkDefinitions(definitions);
  const providers = definitions.flatMap(providersOf);
  return { module: PrometheusFeatureModule, providers, exports: providers };
}

function providersOf(definition: MetricDefinition): Provider[] {
  const { name, token } = definition;
  return [
    {
      provide: token,
      inject: [REGISTRY_IF_ANY, ModulesContainer],
      useFactory: (registry: Registry | undefined, modules: ModulesContainer) =>
        metricIn(registry, definition, modules),
    },
    { provide: metricToken(name), useExisting: token },
  ];
}

function checkDefinitions(definitions: readonly unknown[]): void {
  if (Array.isArray(definitions) && definitions.every(isDefinition)) {
    const names = definitions.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice === undefined) return;
    throw new ConfigError(`PrometheusModule.forFeature got two definitions of "${twice}". Leave one out.`);
  }
  throw new ConfigError(
    'PrometheusModule.forFeature takes an array of definitions, made by defineCounter, defineGauge, defineHistogram, ' +
      'defineSummary, defineInfo or defineStateSet.',
  );
}

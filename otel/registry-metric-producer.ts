import type { CollectionResult, MetricProducer } from '@opentelemetry/sdk-metrics';
import { ConfigError, type FamilySnapshot, register } from '../lib/index.js';
import { metricDataOf } from './metric-data.js';

/** A source of families, such as a registry. */
export interface Gatherer {
  /** Returns snapshots of all families, with the creation time of each series. */
  gather(options: { readonly created: true }): Promise<readonly FamilySnapshot[]>;
}

type Resource = CollectionResult['resourceMetrics']['resource'];

/** Required by the type; the reader replaces it with the resource of its provider. */
const NO_RESOURCE: Resource = {
  attributes: {},
  merge: (other) => other ?? NO_RESOURCE,
  getRawAttributes: () => [],
};

/**
 * Provides the families of a registry to a reader of the OpenTelemetry SDK, and so to any of its exporters, in addition
 * to the SDK's own metrics. All values are cumulative, regardless of the temporality that the exporter prefers. The
 * exporter's resource replaces `job` and `instance`.
 *
 * @example
 * const reader = new PeriodicExportingMetricReader({
 *   exporter: new OTLPMetricExporter(),
 *   metricProducers: [new RegistryMetricProducer()],
 * });
 * const provider = new MeterProvider({ readers: [reader] });
 */
export class RegistryMetricProducer implements MetricProducer {
  private readonly start = Date.now();

  /** @param registry Default: the default registry, `register`. */
  constructor(private readonly registry: Gatherer = register) {
    if (typeof registry?.gather === 'function') return;
    throw new ConfigError('A RegistryMetricProducer takes a registry of promark, or nothing for the default one.');
  }

  /** Never rejects: the reader would lose what other producers have collected. */
  async collect(): Promise<CollectionResult> {
    try {
      const families = await this.registry.gather({ created: true });
      const times = { start: this.start, now: Date.now() };
      return this.result(families.flatMap((family) => metricDataOf(family, times)));
    } catch (error) {
      return { ...this.result([]), errors: [error] };
    }
  }

  private result(metrics: CollectionResult['resourceMetrics']['scopeMetrics'][number]['metrics']): CollectionResult {
    const scopeMetrics = metrics.length === 0 ? [] : [{ scope: { name: 'promark' }, metrics }];
    return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors: [] };
  }
}

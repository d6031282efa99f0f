import type { CollectionResult, MetricProducer } from '@opentelemetry/sdk-metrics';
import { ConfigError, type FamilySnapshot, register } from '../lib/index.js';
import { metricDataOf } from './metric-data.js';

/** Where families come from: a registry. */
export interface Gatherer {
  /** What all families say at this moment; each sample with the time when its series began, if that is asked for. */
  gather(options: { readonly created: true }): Promise<readonly FamilySnapshot[]>;
}

type Resource = CollectionResult['resourceMetrics']['resource'];

/** The reader puts the one of its own provider in its place. */
const NO_RESOURCE: Resource = {
  attributes: {},
  merge: (other) => other ?? NO_RESOURCE,
  getRawAttributes: () => [],
};

/**
 * Gives the families of a registry to a reader of the OpenTelemetry SDK, and so to any of its exporters, beside what the
 * SDK itself measures. All numbers are cumulative, whatever temporality the exporter prefers. The exporter's resource
 * stands for `job` and `instance`.
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
    throw new ConfigError('A RegistryMetricProducer is given a registry of promark, or nothing for the default one.');
  }

  /** Never rejects: that would take from the reader what others have collected. */
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

/**
 * Families in OpenTelemetry pipelines, and exemplars from the active span.
 *
 * @module promark/otel
 */

export type { Gatherer } from './registry-metric-producer.js';
export { RegistryMetricProducer } from './registry-metric-producer.js';
export { exemplarsFromActiveSpan, type SpanExemplars, type SpanExemplarsOptions } from './span-exemplars.js';

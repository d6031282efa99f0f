export type { Gatherer } from './registry-metric-producer.js';
export { RegistryMetricProducer } from './registry-metric-producer.js';
export { exemplarsFromActiveSpan, type SpanExemplars, type SpanExemplarsOptions } from './span-exemplars.js';

export type { FamilySource } from './family-source.js';
export { RegistryMetricProducer } from './registry-metric-producer.js';

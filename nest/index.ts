export { InjectRegistry } from './inject-registry.decorator.js';
export { MetricsController } from './metrics.controller.js';
export type { DefaultMetricsOptions, PrometheusModuleOptions } from './options.js';
export { PrometheusModule } from './prometheus.module.js';

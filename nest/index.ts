export type { PrometheusModuleAsyncOptions, PrometheusOptionsFactory } from './async-options.js';
export type { EndpointAuth } from './auth/endpoint-auth.js';
export { MetricsController } from './endpoint/metrics.controller.js';
export type { NestHttpOptions } from './http/http-options.js';
export { InjectRegistry } from './inject-registry.decorator.js';
export {
  defineCounter,
  defineGauge,
  defineHistogram,
  defineInfo,
  defineStateSet,
  defineSummary,
} from './metrics/define-metric.js';
export { InjectMetric, metricToken } from './metrics/inject-metric.decorator.js';
export type { MetricDefinition, MetricOf } from './metrics/metric-definition.js';
export { type MetricUpdate, provideMetric } from './metrics/provide-metric.js';
export { MetricsServerService } from './metrics-server.service.js';
export type {
  DefaultMetricsOptions,
  MetricsServerOptions,
  PrometheusModuleOptions,
  PrometheusModuleSettings,
  PrometheusModuleShape,
} from './options.js';
export { PrometheusModule } from './prometheus.module.js';
export type { PushOptions } from './push-options.js';
export { REGISTRY as PROMETHEUS_REGISTRY } from './tokens.js';

/**
 * The Nest module: the endpoint, injected metrics, and measured requests and handlers.
 *
 * @module promark/nest
 */

export type { PrometheusModuleAsyncOptions, PrometheusOptionsFactory } from './async-options.js';
export { MetricsController } from './endpoint/controllers.js';
export { PrometheusController } from './endpoint/prometheus.controller.js';
export { MetricsServerService } from './lifecycle.services.js';
export {
  defineCounter,
  defineGauge,
  defineHistogram,
  defineInfo,
  defineStateSet,
  defineSummary,
} from './metrics/define-metric.js';
export { InjectMetric, type MetricDefinition, type MetricOf, metricToken } from './metrics/metric-definition.js';
export {
  getToken,
  type MetricProviderInject,
  type MetricProviderInjectable,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
  makeSummaryProvider,
} from './metrics/metric-providers.js';
export { type MetricUpdate, provideMetric } from './metrics/provide-metric.js';
export type {
  DefaultMetricsOptions,
  EndpointAuth,
  MetricsServerOptions,
  NestHttpOptions,
  NestMultiprocessOptions,
  PrometheusDefaultMetrics,
  PrometheusModuleOptions,
  PrometheusModuleSettings,
  PrometheusModuleShape,
  PrometheusOptions,
  PrometheusOptionsWithDefaults,
  PrometheusUseFactoryOptions,
  PushOptions,
} from './module-options.js';
export { PrometheusModule } from './prometheus.module.js';
export type { PrometheusAsyncOptions } from './register.js';
export { InjectRegistry, REGISTRY as PROMETHEUS_REGISTRY } from './tokens.js';

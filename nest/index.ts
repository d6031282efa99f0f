/**
 * The Nest module: the endpoint, injected metrics, and measured requests and handlers.
 *
 * @module promark/nest
 */

export type { PrometheusModuleAsyncOptions, PrometheusOptionsFactory } from './async-options.js';
export { MetricsController } from './endpoint/controllers.js';
export { MetricsServerService } from './lifecycle.services.js';
export {
  defineCounter,
  defineGauge,
  defineHistogram,
  defineInfo,
  defineStateSet,
  defineSummary,
  InjectMetric,
  type MetricDefinition,
  type MetricOf,
  metricToken,
} from './metrics/metric-definition.js';
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
export {
  getToken,
  type MetricProviderInject,
  type MetricProviderInjectable,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
  makeSummaryProvider,
  type PrometheusAsyncOptions,
  PrometheusController,
} from './nestjs-prometheus.js';
export { PrometheusModule } from './prometheus.module.js';
export { InjectRegistry, REGISTRY as PROMETHEUS_REGISTRY } from './tokens.js';

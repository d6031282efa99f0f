import type { CounterConfig } from './metrics/counter.js';
import type { GaugeConfig } from './metrics/gauge.js';

export type { GaugeChild } from './metrics/gauge-child.js';

import type { HistogramConfig } from './metrics/histogram.js';
import type { MetricConfig } from './metrics/metric-config.js';
import type { SummaryConfig } from './metrics/summary.js';
import type { LabelSpec } from './model/labels.js';

export { addDeferredKind, type DeferredKind } from './calls/deferred.js';
export type {
  AnyClass,
  AnyMethod,
  MaybePromise,
  TypedClassDecorator,
  TypedGetterDecorator,
  TypedMethodDecorator,
} from './calls/dialect.js';
export type { Ending, Watch } from './calls/ending.js';
export {
  CountExceptions,
  type CountExceptionsOptions,
  type CountExceptionsTargetOptions,
  type ExceptionChoice,
  type ExceptionType,
} from './decorators/count-exceptions.js';
export { Counted, type CountedChoice, type CountedOptions, type CountedTargetOptions } from './decorators/counted.js';
export type {
  BoundedLabel,
  Call,
  Classify,
  ClassMethod,
  DecoratorLabels,
  EndingOptions,
  FamilyOptions,
  LabelSource,
  NameOptions,
  Outcome,
  TargetLabels,
  TargetOptions,
} from './decorators/decorator-options.js';
export {
  GaugeFrom,
  type GaugeFromChoice,
  type GaugeFromOptions,
  type GaugeFromTargetOptions,
  type InstanceLabel,
} from './decorators/gauge-from.js';
export type { InstanceMerge } from './decorators/gauge-instances.js';
export {
  InProgress,
  type InProgressChoice,
  type InProgressOptions,
  type InProgressTargetOptions,
} from './decorators/in-progress.js';
export { Instrumented, type InstrumentedOptions, Skip } from './decorators/instrumented.js';
export { type InstrumentedMethod, instrumentedMethods } from './decorators/instrumented-methods.js';
export { Observe, type ObservedValue, type ObserveOptions, type ObserveTargetOptions } from './decorators/observe.js';
export { bindRegistry, trackGauges } from './decorators/registry-binding.js';
export { Timed, type TimedOptions, type TimedTargetOptions } from './decorators/timed.js';
export { Credentials, isServerAuth, type ServerAuth } from './exporters/auth.js';
export { type FetchHandler, type FetchHandlerOptions, fetchHandler } from './exporters/fetch-handler.js';
export type { MetricsHandlerOptions } from './exporters/handler-options.js';
export { startHttpServer } from './exporters/http-server.js';
export { livePaths } from './exporters/live-page.js';
export { type MetricsHandler, metricsHandler } from './exporters/metrics-handler.js';
export type { PageRequest, PageSource } from './exporters/page-source.js';
export { admitRequest } from './exporters/pipelining.js';
export type { PushResult } from './exporters/pushgateway/gateway-client.js';
export type { Groupings, PushParameters } from './exporters/pushgateway/group-path.js';
export type { PushFormat } from './exporters/pushgateway/push-body.js';
export type { PushEveryParameters, PushLoop } from './exporters/pushgateway/push-every.js';
export type { PushAuth, PushgatewayOptions } from './exporters/pushgateway/push-options.js';
export { Pushgateway } from './exporters/pushgateway/pushgateway.js';
export type { MetricsServer } from './exporters/serve.js';
export type { HttpServerOptions, ServerMethod } from './exporters/server-options.js';
export { writeToTextfile } from './exporters/textfile.js';
export type { ServerTls } from './exporters/tls/server-tls.js';
export type { Page, RenderOptions } from './formats/page-renderer.js';
export { parseOpenMetrics } from './formats/parser/openmetrics-parser.js';
export { parsePage } from './formats/parser/page-parser.js';
export { parseText } from './formats/parser/text-parser.js';
export {
  type HttpClientMetricsHandle,
  type HttpClientMetricsOptions,
  httpClientMetrics,
} from './http/client/http-client-metrics.js';
export type { HttpHistogramOptions, HttpMetricsOptions } from './http/families.js';
export { HttpRecorder } from './http/http-recorder.js';
export type { RouteOf } from './http/measured-request.js';
export type { ServerReply, ServerRequest } from './http/messages.js';
export { exponentialBuckets, linearBuckets } from './metrics/buckets.js';
export {
  Counter,
  type CounterChild,
  type CounterConfig,
  type IncWithExemplar as IncreaseDataWithExemplar,
} from './metrics/counter.js';
export { type ExemplarLabels, type ExemplarSource, setExemplarSource } from './metrics/exemplars.js';
export type { Curried } from './metrics/family.js';
export {
  Gauge,
  type GaugeConfig,
} from './metrics/gauge.js';
export {
  Histogram,
  type HistogramConfig,
  type ObserveWithExemplar as ObserveDataWithExemplar,
} from './metrics/histogram.js';
export type { HistogramChild } from './metrics/histogram-child.js';
export { Info, type InfoConfig, type InfoValues } from './metrics/info.js';
export type { MetricConfig } from './metrics/metric-config.js';
export type { MetricRegistry, Registrable } from './metrics/metric-registry.js';
export type { NativeOptions } from './metrics/native/native-options.js';
export { StateSet, type StateSetChild, type StateSetConfig } from './metrics/state-set.js';
export {
  Summary,
  type SummaryChild,
  type SummaryConfig,
} from './metrics/summary.js';
export type { Timer } from './metrics/timer.js';
export { addNative } from './model/add-native.js';
export { canonicalFloat } from './model/canonical-float.js';
export type { GaugeMerge } from './model/combination.js';
export {
  ConfigError,
  ConflictError,
  LabelError,
  ParseError,
  PromarkError,
  PushError,
  ValueError,
} from './model/errors.js';
export type { Exemplar } from './model/exemplar.js';
export { nativeUpperBound } from './model/exponential.js';
export type { FamilyHead, FamilySnapshot, Sample } from './model/family.js';
export type { FamilyType } from './model/family-types.js';
export type {
  LabelName,
  LabelNames,
  LabelSpec,
  Labels,
  LabelTuple,
  LabelValue,
  NoLabels,
  WithoutLabels,
} from './model/labels.js';
export type { FamilyManifest, ManifestMethod, MethodObjective } from './model/manifest.js';
export type { MethodRegistration, Objective } from './model/method-registrations.js';
export { isLegacyMetricName as validateMetricName } from './model/names.js';
export type { NativeBucket, NativeHistogram } from './model/native-histogram.js';
export { checkOptions, type OptionRule, type OptionRules, rule } from './model/options.js';
export type { SnapshotOptions } from './model/snapshot-of.js';
export { AggregatorRegistry, ClusterRegistry } from './processes/cluster-registry.js';
export { MultiProcessCollector, type MultiProcessCollectorOptions } from './processes/multi-process-collector.js';
export {
  type Multiprocess,
  type MultiprocessOptions,
  markProcessDead,
  multiprocess,
} from './processes/multiprocess.js';
export { register } from './processes/register.js';
export { WorkerRegistry } from './processes/worker-registry.js';
export {
  type AggregateFunction,
  aggregators,
  type CollectFunction,
  contentType,
  type LabelValues,
  type MetricObjectWithValues,
  type MetricType,
  type MetricValueWithName,
  type OpenMetricsContentType,
  openMetricsContentType,
  type PrometheusContentType,
  prometheusContentType,
  type RegistryContentType,
} from './promclient/exports.js';
export type { Aggregator, MetricObject, MetricValue } from './promclient/metric-object.js';
export type { ForeignMetric } from './registry/adapted-metric.js';
export { type Bridge, bridge, type OpenTelemetryExporter, type PromClientRegistry } from './registry/bridge.js';
export {
  type Collector,
  type ConstantSeries,
  counterFamily,
  type Families,
  gaugeFamily,
} from './registry/collector.js';
export { type CollectDefaultMetrics, collectDefaultMetrics } from './registry/defaults/collect-default-metrics.js';
export type { DefaultCollectorName } from './registry/defaults/collector-names.js';
export type {
  DefaultMetricsCollectorConfiguration,
  DefaultMetricsHandle,
} from './registry/defaults/default-metrics-config.js';
export type { Logger } from './registry/fault-log.js';
export type { Metric, MetricLike } from './registry/members.js';
export { Registry } from './registry/registry.js';
export type { RegistryOptions } from './registry/registry-options.js';
export { type CellRange, HeapStore, type Memory, SharedStore, SlabStore, type Store } from './store/store.js';

// prom-client's names for options. Their properties can be set one by one, and their lists be added to.
export type MetricConfiguration<L extends LabelSpec> = Writable<MetricConfig<L, unknown>>;
export type CounterConfiguration<L extends LabelSpec> = Writable<CounterConfig<L>>;
export type GaugeConfiguration<L extends LabelSpec> = Writable<GaugeConfig<L>>;
export type HistogramConfiguration<L extends LabelSpec> = Writable<
  Omit<HistogramConfig<L>, 'buckets'> & { buckets?: number[] }
>;
export type SummaryConfiguration<L extends LabelSpec> = Writable<
  Omit<SummaryConfig<L>, 'percentiles'> & { percentiles?: number[] }
>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

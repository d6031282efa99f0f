import { context, DiagConsoleLogger, DiagLogLevel, diag, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { exemplarsFromActiveSpan, RegistryMetricProducer } from 'promark/otel';

/** Sets up OpenTelemetry as many services have it. The two lines with promark in them are what is new. */
export function startTelemetry() {
  // Without this, it is not logged when the collector cannot be reached.
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const tracers = new BasicTracerProvider();
  trace.setGlobalTracerProvider(tracers);
  exemplarsFromActiveSpan();
  const reader = new PeriodicExportingMetricReader({
    // Where to: OTEL_EXPORTER_OTLP_ENDPOINT, or http://localhost:4318.
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: 10_000,
    metricProducers: [new RegistryMetricProducer()],
  });
  const meters = new MeterProvider({ readers: [reader] });
  return {
    /** Exports a last time and ends. */
    stop: async () => {
      await meters.shutdown();
      await tracers.shutdown();
    },
  };
}

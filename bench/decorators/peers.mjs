// The same with other libraries: what people write by hand with the clients, and existing decorators. Each is only
// loaded in the process that measures it.
import { createRequire } from 'node:module';
import { decorate, loop } from './loops.mjs';

class Subject {
  run() {}
}

const withTimer = (name) => async () => {
  const api = await import(name);
  const { Histogram, Registry } = api.default ?? api;
  const labelNames = ['class', 'method', 'result'];
  const histogram = new Histogram({ name: 'seconds', help: 'h', labelNames, registers: [new Registry()] });
  return loop({}, () => {
    const end = histogram.startTimer({ class: 'Subject', method: 'run' });
    let result = 'ok';
    try {
      return undefined;
    } catch (error) {
      result = 'error';
      throw error;
    } finally {
      end({ result });
    }
  });
};

export const PEERS = {
  '@prometheus-io/client': withTimer('@prometheus-io/client'),
  'prom-client': withTimer('prom-client'),
  async autometrics() {
    const { registerExporter, getAutometricsMethodDecorator } = await import('@autometrics/autometrics');
    const { MetricReader } = await import('@opentelemetry/sdk-metrics');
    const metricReader = new (readerOf(MetricReader))();
    registerExporter({ metricReader });
    decorate(Subject, 'run', getAutometricsMethodDecorator());
    return recording(metricReader);
  },
  async 'nestjs-otel'() {
    await import('reflect-metadata');
    const { MeterProvider, MetricReader } = await import('@opentelemetry/sdk-metrics');
    // Its own copy of the API, which ignores a provider set by an older one.
    const { metrics } = createRequire(createRequire(import.meta.url).resolve('nestjs-otel'))('@opentelemetry/api');
    const provider = new MeterProvider();
    const reader = new (readerOf(MetricReader))();
    provider.addMetricReader(reader);
    metrics.setGlobalMeterProvider(provider);
    const api = await import('nestjs-otel');
    decorate(Subject, 'run', (api.default ?? api).OtelMethodCounter());
    return recording(reader);
  },
};

/** Without a reader OpenTelemetry records nothing. */
function readerOf(MetricReader) {
  return class extends MetricReader {
    async onForceFlush() {}
    async onShutdown() {}
  };
}

/** Calls the subject, and returns how many calls were recorded. */
function recording(reader) {
  const method = loop(new Subject(), (subject) => subject.run());
  method.recorded = async () => {
    const { resourceMetrics } = await reader.collect();
    const points = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ dataPoints }) => dataPoints),
    );
    return points.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0);
  };
  return method;
}

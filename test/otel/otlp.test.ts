import { afterEach, expect, test } from '@jest/globals';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { Counter, Histogram, Info, Registry, Summary } from 'promark';
import { RegistryMetricProducer } from 'promark/otel';
import { type OtlpReceiver, otlpReceiver } from './otlp-receiver.js';

let receiver: OtlpReceiver | undefined;
let provider: MeterProvider | undefined;

afterEach(async () => {
  await provider?.shutdown();
  await receiver?.close();
});

test('every family arrives at an OTLP receiver', async () => {
  const registry = new Registry();
  const registers = [registry];
  const orders = new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'], registers });
  orders.inc({ tier: 'gold' }, 3);
  const seconds = new Histogram({ name: 'job_seconds', help: 'Job time', buckets: [0.1, 1], registers });
  for (const value of [0.05, 0.5, 7]) seconds.observe(value);
  const native = new Histogram({ name: 'fine_seconds', help: 'Fine', native: true, registers });
  for (const value of [1, 2, 4, -1, 0]) native.observe(value);
  new Summary({ name: 'rpc_seconds', help: 'RPC', percentiles: [0.5], registers }).observe(0.25);
  new Info({ name: 'build', help: 'Build', registers }).info({ version: '1.2.3' });

  receiver = await otlpReceiver();
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: receiver.url }),
    metricProducers: [new RegistryMetricProducer(registry)],
  });
  provider = new MeterProvider({ readers: [reader] });
  await reader.forceFlush();

  const scopes = receiver.received.flatMap(({ resourceMetrics }) => resourceMetrics.flatMap((one) => one.scopeMetrics));
  const metrics = scopes.filter(({ scope }) => scope.name === 'promark').flatMap((one) => one.metrics);
  const times = {
    startTimeUnixNano: expect.stringMatching(/^\d{19}$/),
    timeUnixNano: expect.stringMatching(/^\d{19}$/),
  };
  const attribute = (key: string, text: string) => ({ key, value: { stringValue: text } });
  const number = (value: number, ...attributes: object[]) =>
    expect.objectContaining({ ...times, asDouble: value, attributes });

  expect(metrics).toEqual([
    expect.objectContaining({
      name: 'orders_total',
      description: 'Orders',
      sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [number(3, attribute('tier', 'gold'))] },
    }),
    expect.objectContaining({
      name: 'job_seconds',
      unit: 's',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          expect.objectContaining({ ...times, explicitBounds: [0.1, 1], bucketCounts: [1, 1, 1], count: 3, sum: 7.55 }),
        ],
      },
    }),
    expect.objectContaining({
      name: 'fine_seconds',
      exponentialHistogram: {
        aggregationTemporality: 2,
        // At scale 3 the powers of two are the upper ends of buckets: 1 of the one before 0, 2 of 7, 4 of 15.
        dataPoints: [
          expect.objectContaining({
            ...times,
            scale: 3,
            count: 5,
            sum: 6,
            zeroCount: 1,
            positive: { offset: -1, bucketCounts: [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1] },
            negative: { offset: -1, bucketCounts: [1] },
          }),
        ],
      },
    }),
    expect.objectContaining({
      name: 'rpc_seconds',
      gauge: { dataPoints: [number(0.25, attribute('quantile', '0.5'))] },
    }),
    expect.objectContaining({ name: 'rpc_seconds_sum', unit: 's' }),
    expect.objectContaining({ name: 'rpc_seconds_count', unit: '' }),
    expect.objectContaining({
      name: 'build_info',
      sum: { aggregationTemporality: 2, isMonotonic: false, dataPoints: [number(1, attribute('version', '1.2.3'))] },
    }),
  ]);
});

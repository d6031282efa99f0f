import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Counter, Gauge, Registry, register } from 'promark';
import { RegistryMetricProducer } from 'promark/otel';

const { CUMULATIVE, DELTA } = AggregationTemporality;

let provider: MeterProvider;
let exporters: InMemoryMetricExporter[];

/** Sets up a reader for each temporality, all with one producer. */
function read(registry: Registry | undefined, ...temporalities: AggregationTemporality[]): void {
  const metricProducers = [new RegistryMetricProducer(registry)];
  exporters = temporalities.map((temporality) => new InMemoryMetricExporter(temporality));
  const readers = exporters.map((exporter) => new PeriodicExportingMetricReader({ exporter, metricProducers }));
  provider = new MeterProvider({ readers });
}

/** The names of all that was exported, by scope, for each reader. */
async function exported(): Promise<Record<string, string[]>[]> {
  await provider.forceFlush();
  return exporters.map((exporter) => {
    const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    return Object.fromEntries(
      scopes.map(({ scope, metrics }) => [scope.name, metrics.map(({ descriptor }) => descriptor.name)]),
    );
  });
}

describe('a reader of the SDK', () => {
  afterEach(async () => {
    await provider.shutdown();
    register.clear();
  });

  test('exports the default registry along with its own metrics, under its resource', async () => {
    new Counter({ name: 'orders_total', help: 'Orders' }).inc(2);
    read(undefined, CUMULATIVE);
    provider.getMeter('own').createCounter('own_calls').add(5);
    expect(await exported()).toEqual([expect.objectContaining({ own: ['own_calls'], promark: ['orders_total'] })]);
    const [{ resource }] = exporters[0].getMetrics();
    expect(resource.attributes['telemetry.sdk.name']).toBe('opentelemetry');
  });

  test('exports nothing for an empty registry', async () => {
    read(new Registry(), CUMULATIVE);
    expect(await exported()).toEqual([expect.not.objectContaining({ promark: expect.anything() })]);
  });

  describe('with several readers', () => {
    let registry: Registry;

    beforeEach(() => {
      registry = new Registry({ logger: { warn: () => {} } });
      new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(2);
      read(registry, DELTA, CUMULATIVE);
    });

    test('exports the same totals each time, whatever the preferred temporality', async () => {
      await provider.forceFlush();
      await provider.forceFlush();
      const totals = exporters.map((exporter) =>
        exporter.getMetrics().map(({ scopeMetrics }) => {
          const { metrics } = scopeMetrics.find(({ scope }) => scope.name === 'promark') ?? { metrics: [] };
          return metrics.map((metric) => [metric.aggregationTemporality, metric.dataPoints[0].value]);
        }),
      );
      expect(totals).toEqual([1, 2].map(() => [[[CUMULATIVE, 2]], [[CUMULATIVE, 2]]]));
    });

    test('exports what can be collected, with names unchanged', async () => {
      const registers = [registry];
      const broken = () => {
        throw new Error('no');
      };
      new Gauge({ name: 'broken', help: 'Broken', registers, collect: broken });
      new Gauge({ name: 'http.load', help: 'Load', labelNames: ['http.route'], registers }).set(
        { 'http.route': '/ü' },
        1,
      );
      const promark = ['orders_total', 'http.load', 'promark_collect_errors_total'];
      expect(await exported()).toEqual([expect.objectContaining({ promark }), expect.objectContaining({ promark })]);
    });
  });
});

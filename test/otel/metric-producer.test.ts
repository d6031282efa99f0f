import { beforeEach, describe, expect, test } from '@jest/globals';
import { ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type ExponentialHistogramMetricData,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import {
  Counter,
  counterFamily,
  type FamilySnapshot,
  Gauge,
  Histogram,
  Info,
  Registry,
  StateSet,
  Summary,
} from 'promark';
import { RegistryMetricProducer } from 'promark/otel';

let registry: Registry;
let registers: Registry[];

beforeEach(() => {
  registry = new Registry();
  registers = [registry];
});

async function collected(): Promise<MetricData[]> {
  const { resourceMetrics, errors } = await new RegistryMetricProducer(registry).collect();
  expect(errors).toEqual([]);
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

/** Name, kind and points, without timestamps. */
function shown(metrics: readonly MetricData[]): unknown[] {
  return metrics.map(({ descriptor: { name }, dataPointType, dataPoints, ...rest }) => [
    name,
    DataPointType[dataPointType],
    ...('isMonotonic' in rest ? [rest.isMonotonic ? 'monotonic' : 'up and down'] : []),
    ...dataPoints.map(({ attributes, value }) => [attributes, value]),
  ]);
}

describe('a family becomes', () => {
  test('a monotonic sum, for a counter', async () => {
    const orders = new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'], registers });
    orders.inc({ tier: 'gold' }, 3);
    orders.inc({ tier: '' });
    const metrics = await collected();
    expect(shown(metrics)).toEqual([['orders_total', 'SUM', 'monotonic', [{ tier: 'gold' }, 3], [{}, 1]]]);
    expect(metrics[0]).toMatchObject({
      descriptor: { description: 'Orders', unit: '', valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    });
  });

  test('a gauge, for a gauge', async () => {
    new Gauge({ name: 'temperature_celsius', help: 'T', unit: 'celsius', registers }).set(-3.5);
    const metrics = await collected();
    expect(shown(metrics)).toEqual([['temperature_celsius', 'GAUGE', [{}, -3.5]]]);
    expect(metrics[0].descriptor.unit).toBe('Cel');
  });

  test('a histogram with non-cumulative buckets, for a histogram', async () => {
    const seconds = new Histogram({
      name: 'job_seconds',
      help: 'H',
      buckets: [0.1, 1],
      labelNames: ['job', 'le_'],
      registers,
    });
    for (const value of [0.05, 0.5, 0.6, 7]) seconds.observe({ job: 'a', le_: 'x' }, value);
    seconds.observe({ job: 'b', le_: '' }, 0.1);
    const metrics = await collected();
    expect(shown(metrics)).toEqual([
      [
        'job_seconds',
        'HISTOGRAM',
        [
          { job: 'a', le_: 'x' },
          { buckets: { boundaries: [0.1, 1], counts: [1, 2, 1] }, sum: 8.15, count: 4 },
        ],
        [{ job: 'b' }, { buckets: { boundaries: [0.1, 1], counts: [1, 0, 0] }, sum: 0.1, count: 1 }],
      ],
    ]);
    expect(metrics[0].descriptor.unit).toBe('s');
  });

  test('quantiles, a sum and a count, for a summary', async () => {
    const rpc = new Summary({ name: 'rpc_seconds', help: 'S', percentiles: [0.5, 1], registers });
    for (const value of [1, 2, 3]) rpc.observe(value);
    const metrics = await collected();
    expect(shown(metrics)).toEqual([
      ['rpc_seconds', 'GAUGE', [{ quantile: '0.5' }, 2], [{ quantile: '1.0' }, 3]],
      ['rpc_seconds_sum', 'SUM', 'up and down', [{}, 6]],
      ['rpc_seconds_count', 'SUM', 'monotonic', [{}, 3]],
    ]);
    expect(metrics.map(({ descriptor }) => descriptor.unit)).toEqual(['s', 's', '']);
  });

  test('non-monotonic sums, for Info and StateSet', async () => {
    new Info({ name: 'build', help: 'B', registers }).info({ version: '1.2.3' });
    new StateSet({ name: 'task', help: 'T', states: ['a', 'b'], registers });
    expect(shown(await collected())).toEqual([
      ['build_info', 'SUM', 'up and down', [{ version: '1.2.3' }, 1]],
      ['task', 'SUM', 'up and down', [{ task: 'a' }, 1], [{ task: 'b' }, 0]],
    ]);
  });

  test('the same with its own timestamp, for what collectors yield', async () => {
    const total = counterFamily('pool_queries_total', 'Q', [{ value: 7, timestamp: 1_600_000_000_123 }]);
    const unknown: FamilySnapshot = {
      name: 'odd',
      type: 'unknown',
      help: 'O',
      unit: '',
      samples: [{ name: 'odd', labels: { a: 'b' }, value: 2 }],
    };
    const gaugeHistogram: FamilySnapshot = { ...unknown, name: 'gh', type: 'gaugehistogram', samples: [] };
    registry.registerCollector({ name: 'pool', collect: () => [total, unknown, gaugeHistogram] });
    const metrics = await collected();
    expect(shown(metrics)).toEqual([
      ['pool_queries_total', 'SUM', 'monotonic', [{}, 7]],
      ['odd', 'GAUGE', [{ a: 'b' }, 2]],
    ]);
    expect(metrics[0].dataPoints[0].endTime).toEqual([1_600_000_000, 123_000_000]);
  });
});

describe('what OpenTelemetry cannot express is left out:', () => {
  test('values that are not finite numbers, for which a collector would refuse the whole request', async () => {
    const load = new Gauge({ name: 'load', help: 'L', labelNames: ['host'], registers });
    for (const [host, value] of Object.entries({ a: Number.NaN, b: Infinity, c: -Infinity, d: 1 }))
      load.set({ host }, value);
    new Gauge({ name: 'unknown', help: 'U', registers }).set(Number.NaN);
    new Summary({ name: 'rpc_seconds', help: 'S', percentiles: [0.5], registers });
    expect(shown(await collected())).toEqual([
      ['load', 'GAUGE', [{ host: 'd' }, 1]],
      ['rpc_seconds_sum', 'SUM', 'up and down', [{}, 0]],
      ['rpc_seconds_count', 'SUM', 'monotonic', [{}, 0]],
    ]);
  });

  test('a sum that is not a finite number', async () => {
    const samples: FamilySnapshot['samples'] = [
      { name: 'odd_bucket', labels: { le: '+Inf' }, value: 1 },
      { name: 'odd_sum', labels: {}, value: Infinity },
      { name: 'odd_count', labels: {}, value: 1 },
    ];
    const odd: FamilySnapshot = { name: 'odd', type: 'histogram', help: 'O', unit: '', samples };
    registry.registerCollector({ name: 'odd', collect: () => [odd] });
    const value = { buckets: { boundaries: [], counts: [1] }, count: 1 };
    expect(shown(await collected())).toEqual([['odd', 'HISTOGRAM', [{}, value]]]);
  });

  test('observations of native histograms that are not finite numbers', async () => {
    const fine = new Histogram({ name: 'fine_seconds', help: 'F', native: true, registers });
    for (const value of [1, 0, -1, Infinity, -Infinity, Number.NaN]) fine.observe(value);
    const one = { offset: -1, bucketCounts: [1] };
    expect(shown(await collected())).toEqual([
      [
        'fine_seconds',
        'EXPONENTIAL_HISTOGRAM',
        [{}, { scale: 3, count: 3, zeroCount: 1, positive: one, negative: one }],
      ],
    ]);
  });
});

test('native buckets that would be spread too widely are merged', async () => {
  const wide = new Histogram({ name: 'wide', help: 'W', native: { factor: 1.002 }, registers });
  const values = [1e-9, 1, 1.5, 2, 1e9];
  for (const value of values) wide.observe(value);
  for (const value of values) wide.observe(-value);
  const [{ dataPoints }] = await collected();
  const { scale, positive, negative, count, sum } = dataPoints[0]
    .value as ExponentialHistogramMetricData['dataPoints'][0]['value'];
  expect([scale, count, sum]).toEqual([5, 10, 0]);
  expect(negative).toEqual(positive);
  expect(positive.bucketCounts.length).toBeLessThanOrEqual(2048);
  // Index k is (base^k, base^(k+1)].
  const found = positive.bucketCounts.flatMap((hits, i) => (hits === 0 ? [] : [positive.offset + i]));
  expect(found).toEqual(values.map((value) => Math.ceil(Math.log2(value) * 2 ** scale) - 1));
});

test('prefix and default labels are included', async () => {
  registry = new Registry({ prefix: 'shop_', defaultLabels: { app: 'shop' } });
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc();
  expect(shown(await collected())).toEqual([['shop_orders_total', 'SUM', 'monotonic', [{ app: 'shop' }, 1]]]);
});

test('a series starts when it is created, and again when it is reset', async () => {
  const hits = new Counter({ name: 'hits_total', help: 'Hits', registers });
  const before = Date.now();
  hits.reset();
  const [{ dataPoints }] = await collected();
  const [{ startTime, endTime }] = dataPoints;
  const ms = ([seconds, nanos]: readonly [number, number]) => seconds * 1000 + nanos / 1e6;
  expect(ms(startTime)).toBeGreaterThanOrEqual(before);
  expect(ms(endTime)).toBeGreaterThanOrEqual(ms(startTime));
});

test('a registry that fails is reported as an error of the collection', async () => {
  const broken = { gather: () => Promise.reject(new Error('no')) };
  const { errors, resourceMetrics } = await new RegistryMetricProducer(broken).collect();
  expect(errors).toEqual([new Error('no')]);
  expect(resourceMetrics.scopeMetrics).toEqual([]);
});

test('something that is not a registry is refused', () => {
  expect(() => new RegistryMetricProducer({} as never)).toThrow(/takes a registry of promark/);
});

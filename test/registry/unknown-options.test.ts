import { expect, test } from '@jest/globals';
import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  Info,
  type MetricRegistry,
  Registry,
  StateSet,
  Summary,
} from 'promark';

function logged(): { registry: Registry; warnings: string[] } {
  const warnings: string[] = [];
  return { registry: new Registry({ logger: { warn: (message) => void warnings.push(message) } }), warnings };
}

const types = [
  ['Counter', Counter, 'registrs', 'registers'],
  ['Gauge', Gauge, 'agregate', 'aggregate'],
  ['Histogram', Histogram, 'bukets', 'buckets'],
  ['Summary', Summary, 'percentile', 'percentiles'],
  ['Info', Info, 'lables', 'labelNames'],
  ['StateSet', StateSet, 'maxseries', 'maxSeries'],
] as const;

test.each(types)('a %s with an unknown option is created, and the option is logged once', (_, type, option, meant) => {
  const { registry, warnings } = logged();
  const make = type as new (config: object) => { readonly name: string };
  const config = { name: 'thing', help: 'Things', states: ['on'], registers: [registry], [option]: 1 };
  const { states, ...rest } = config;
  for (let i = 0; i < 2; i++) {
    expect(new make(type === StateSet ? config : rest).name).toBe('thing');
    registry.clear();
  }
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`promark: Metric "thing": unknown option "${option}"`);
  if (meant !== 'labelNames') expect(warnings[0]).toContain(`did you mean "${meant}"?`);
  expect(warnings[0]).toMatch(/Known options: name, help, .*\. It is ignored\.$/);
});

test('known options are not logged, nor for metrics from getOrCreate', () => {
  const { registry, warnings } = logged();
  const registers: MetricRegistry[] = [registry];
  const collect = () => {};
  const common = { help: 'Things', collect, maxSeries: 5, aggregator: 'sum' as const, enableExemplars: false };
  new Counter({ ...common, name: 'a_total', unit: '', labelNames: ['x'], registers });
  new Gauge({ ...common, name: 'b', aggregate: 'max', registers });
  new Histogram({ ...common, name: 'c', buckets: [1], native: true, registers });
  new Summary({
    ...common,
    name: 'd',
    percentiles: [0.5],
    maxAgeSeconds: 60,
    ageBuckets: 5,
    compressCount: 9,
    registers,
  });
  new Info({ name: 'e', help: 'Things', labelNames: ['x'], collect, registers });
  registry.getOrCreate(StateSet, { name: 'f', help: 'Things', states: ['on'] });
  collectDefaultMetrics({ register: registry, prefix: 'shop_', collectors: ['version'] }).stop();
  expect(warnings).toEqual([]);
});

test('a metric without a registry has no logger, and is created without a warning', () => {
  const config: object = { name: 'thing', help: 'Things', registers: [], bukets: [1] };
  expect(() => new Histogram(config as { name: string; help: string })).not.toThrow();
});

test('a Registry logs an unknown option to its own logger and goes on', () => {
  const warnings: string[] = [];
  const options = { prefx: 'shop_', maxSeries: 7, logger: { warn: (message: string) => void warnings.push(message) } };
  expect(new Registry(options).maxSeries).toBe(7);
  expect(warnings).toEqual([
    expect.stringContaining(
      'promark: Registry: unknown option "prefx", did you mean "prefix"? Known options: contentType,',
    ),
  ]);
});

test('collectDefaultMetrics logs an unknown option to its registry and goes on', () => {
  const { registry, warnings } = logged();
  for (let i = 0; i < 2; i++) {
    const config = { register: registry, collectors: ['version' as const], prefx: 'shop_' };
    using _handle = collectDefaultMetrics(config);
    expect(registry.getSingleMetric('nodejs_version_info')).toBeDefined();
  }
  expect(warnings).toEqual([
    expect.stringContaining('promark: collectDefaultMetrics: unknown option "prefx", did you mean "prefix"?'),
  ]);
});

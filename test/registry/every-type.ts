import fc from 'fast-check';
import { Counter, Gauge, Histogram, Info, Registry, StateSet, type Store, Summary } from 'promark';

/** A registry with a metric of every type, and operations on them. */
export function everyType(created = false, store?: Store) {
  const registry = new Registry({ created, ...(store && { store }) });
  const registers = [registry];
  const labelNames = ['a', 'b'] as const;
  return {
    registry,
    counter: new Counter({ name: 'c_total', help: 'c', labelNames, enableExemplars: true, registers }),
    gauge: new Gauge({ name: 'g', help: 'g', labelNames, registers }),
    histogram: new Histogram({
      name: 'h',
      help: 'h',
      labelNames,
      buckets: [-1, 0.5, 10],
      enableExemplars: true,
      registers,
    }),
    native: new Histogram({ name: 'n', help: 'n', labelNames, buckets: [0], native: { maxBuckets: 4 }, registers }),
    summary: new Summary({ name: 's', help: 's', labelNames, percentiles: [0, 0.5, 0.99, 1], registers }),
    recent: new Summary({ name: 'r', help: 'r', labelNames, maxAgeSeconds: 3600, registers }),
    states: new StateSet({ name: 'st', help: 'st', labelNames, states: ['on', 'off', 'unknown'], registers }),
    info: new Info({ name: 'i', help: 'i', labelNames, registers }),
    plain: new Counter({ name: 'plain_total', help: 'p', registers }),
  };
}

const TYPES = ['counter', 'gauge', 'histogram', 'native', 'summary', 'recent', 'states', 'info'] as const;

const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 40 }));
const text = fc.oneof(fc.constantFrom('', 'x', 'y', 'z'), fc.string({ unit: 'binary', maxLength: 60 }));
export const operation = fc.record({
  what: fc.constantFrom(
    'count',
    'count',
    'count',
    'remove',
    'reset',
    'zero',
    'removeMatching',
    'labels',
    'register',
    'scrape',
    'rewrite',
  ),
  on: fc.constantFrom(...TYPES),
  a: text,
  b: text,
  value,
});

export type Metrics = ReturnType<typeof everyType>;
export type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

/** Performs an operation; those that concern only readers are left to the test. */
export function perform(metrics: Metrics, { what, on, a, b, value }: Operation): void {
  const metric = metrics[on];
  if (what === 'count') count(metrics, on, { a, b }, value);
  else if (what === 'remove') metric.remove(a, b);
  else if (what === 'reset') metric.reset();
  else if (what === 'zero' && 'zero' in metric) metric.zero({ a, b });
  else if (what === 'removeMatching') metric.removeMatching({ a });
  else if (what === 'labels') metrics.registry.setDefaultLabels({ app: a });
  else if (what === 'register' && metrics.registry.getSingleMetric(metric.name) === undefined) {
    metrics.registry.registerMetric(metric);
  } else if (what === 'register') metrics.registry.removeSingleMetric(metric.name);
  metrics.plain.inc();
}

export function count(metrics: Metrics, on: Operation['on'], labels: { a: string; b: string }, value: number): void {
  if (on === 'counter') metrics.counter.inc({ labels, value: Math.abs(value), exemplarLabels: { id: `${value}` } });
  else if (on === 'histogram') metrics.histogram.observe(labels, value, { id: `${value}` });
  else if (on === 'gauge') metrics.gauge.set(labels, value);
  else if (on === 'states') metrics.states.state(labels, value > 1 ? 'off' : 'unknown');
  else if (on === 'info') metrics.info.info(labels, { said: String(value) });
  else metrics[on].observe(labels, value);
}

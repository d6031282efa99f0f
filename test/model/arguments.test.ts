import { expect, test } from '@jest/globals';
import {
  addDeferredKind,
  bindRegistry,
  bridge,
  Counter,
  counterFamily,
  gaugeFamily,
  Info,
  instrumentedMethods,
  MultiProcessCollector,
  multiprocess,
  nativeUpperBound,
  Observe,
  PromarkError,
  parseOpenMetrics,
  parsePage,
  parseText,
  Registry,
  setExemplarSource,
  Timed,
  trackGauges,
} from 'promark';
import { httpMetrics as fetchMetrics } from 'promark/fetch';
import { httpMetrics as honoMetrics } from 'promark/hono';
import { exemplarsFromActiveSpan } from 'promark/otel';

// The types forbid these arguments; JavaScript and `any` do not.
const wrong = (value: unknown) => value as never;
const registry = new Registry();
const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['queue'], registers: [registry] });
const build = new Info({ name: 'build', help: 'Build', labelNames: ['region'], registers: [registry] });
class Shop {
  order(): void {}
}
const decorate = (decorator: unknown) => {
  const method = Object.getOwnPropertyDescriptor(Shop.prototype, 'order');
  (decorator as (...on: unknown[]) => void)(Shop.prototype, 'order', method);
};

test.each<[string, () => unknown, string]>([
  ['new Registry', () => new Registry(wrong(5)), "A registry's options must be an object or a content type, got 5."],
  ['new Registry', () => new Registry(wrong(null)), 'must be an object or a content type, got null.'],
  ['created', () => new Registry({ created: wrong('no') }), 'A registry\'s created must be true or false, got "no".'],
  ['plainBounds', () => new Registry({ plainBounds: wrong(1) }), "A registry's plainBounds must be true or false"],
  ['openMetrics2', () => new Registry({ openMetrics2: wrong(0) }), "A registry's openMetrics2 must be true or false"],
  ['logger', () => new Registry({ logger: wrong({ info() {} }) }), "A registry's logger must have a method warn"],
  [
    'store',
    () => new Registry({ store: wrong({}) }),
    "A registry's store must have a method allocate, got an object {}.",
  ],
  ['defaultLabels', () => new Registry({ defaultLabels: wrong(['a']) }), 'Default labels must be an object of names'],
  ['getSingleMetric', () => registry.getSingleMetric(wrong(5)), 'Metric name must be a string, got 5.'],
  ['getSingleMetric', () => registry.getSingleMetric(wrong(Symbol('a'))), 'must be a string, got Symbol(a) (symbol).'],
  ['removeSingleMetric', () => registry.removeSingleMetric(wrong([])), 'Metric name must be a string, got [].'],
  [
    'registerMetric',
    () => registry.registerMetric(wrong({ name: 5, get() {} })),
    'Metric name must be a string, got 5.',
  ],
  ['getOrCreate', () => registry.getOrCreate(wrong(5), {}), 'getOrCreate takes the class of a metric, got 5.'],
  [
    'getOrCreate',
    () =>
      registry.getOrCreate(
        wrong(() => jobs),
        {},
      ),
    'takes the class of a metric, got a function.',
  ],
  ['getOrCreate', () => registry.getOrCreate(wrong(class {}), {}), 'Metric name must be a string, got undefined.'],
  ['Registry.merge', () => Registry.merge([wrong(undefined)]), 'charset=utf-8" and undefined. Call setContentType()'],
  ['Registry.merge', () => Registry.merge([registry, wrong(5)]), 'charset=utf-8" and 5. Call setContentType()'],
  ['bridge', () => bridge(new Registry(), wrong(5)), 'bridge: option registry must be a Registry, got 5.'],
  ['nativeUpperBound', () => nativeUpperBound(wrong(undefined), 1), 'a whole number from -4 to 8, got undefined.'],
  ['nativeUpperBound', () => nativeUpperBound(9, 1), 'schema must be a whole number from -4 to 8, got 9.'],
  ['setPlainBounds', () => registry.setPlainBounds(wrong('false')), 'plainBounds must be true or false, got "false".'],
  ['setWorkerThreads', () => registry.setWorkerThreads(wrong('no')), 'must be true or false, got "no".'],
  ['removeMatching', () => registry.removeMatching(wrong(5)), 'removeMatching takes an object of labels, got 5.'],
  ['removeMatching', () => jobs.removeMatching(wrong(5)), 'Metric "jobs_total": labels must be an object, got 5.'],
  ['removeMatching', () => jobs.removeMatching(wrong([])), 'Metric "jobs_total": labels must be an object, got []'],
  ['removeMatching', () => build.removeMatching(wrong(null)), 'Metric "build": labels must be an object, got null.'],
  ['curry', () => jobs.curry(wrong('mails')), 'Metric "jobs_total": labels must be an object, got "mails".'],
  [
    'counterFamily',
    () => counterFamily('a_total', 'A', wrong(undefined)),
    'Family "a_total": value must be a number or',
  ],
  ['gaugeFamily', () => gaugeFamily('a', 'A', wrong([5])), 'value must be a number or an array of { labels, value }'],
  ['parseText', () => parseText(wrong(Buffer.from('a 1\n'))), 'A page must be a string, got an object'],
  ['parseOpenMetrics', () => parseOpenMetrics(wrong(undefined)), 'A page must be a string, got undefined.'],
  ['parsePage', () => parsePage('a 1\n', wrong(undefined)), 'Content type undefined cannot be parsed'],
  [
    'bindRegistry',
    () => bindRegistry(Shop, wrong({})),
    'bindRegistry(): option registry must be a Registry, got an object',
  ],
  ['bindRegistry', () => bindRegistry(Shop, wrong(null)), 'option registry must be a Registry, got null.'],
  [
    'trackGauges',
    () => trackGauges(wrong(undefined)),
    'trackGauges() takes an instance, such as this in a constructor',
  ],
  ['instrumentedMethods', () => instrumentedMethods(wrong(new Shop())), 'instrumentedMethods() takes a class, got'],
  ['addDeferredKind', () => addDeferredKind(wrong({ matches() {} })), 'with the methods matches and follow, got'],
  ['setExemplarSource', () => setExemplarSource(wrong({ a: 1 })), 'setExemplarSource() takes a function or undefined'],
  ['exemplarsFromActiveSpan', () => exemplarsFromActiveSpan(wrong({ unsampld: true })), 'did you mean "unsampled"?'],
  ['multiprocess', () => multiprocess({ registry: wrong({}) }), 'multiprocess: option registry must be a Registry'],
  ['MultiProcessCollector', () => new MultiProcessCollector(wrong(undefined)), 'takes registries, got undefined.'],
  ['MultiProcessCollector', () => new MultiProcessCollector(registry, wrong({ dirr: '/a' })), 'did you mean "dir"?'],
  [
    'promark/fetch',
    () => fetchMetrics(wrong(() => new Response())),
    'HTTP metrics: options must be an object, got a fun',
  ],
  ['promark/fetch', () => fetchMetrics({ ignore: wrong('') }), 'HTTP metrics: option ignore must be an array of paths'],
  ['promark/hono', () => honoMetrics(wrong(null)), 'HTTP metrics: options must be an object, got null.'],
  [
    'name of @Timed',
    () => decorate(Timed({ name: wrong(5), registry })),
    '@Timed(): option name must be a string, got 5.',
  ],
  ['name of @Observe', () => decorate(Observe({ name: wrong({}), value: () => 1, registry })), 'must be a string, got'],
])('%s refuses an argument of a wrong type', (_, call, message) => {
  expect(call).toThrow(PromarkError);
  expect(call).toThrow(message);
});

test.each<[object, unknown, string]>([
  [
    Timed,
    { percentiles: [0.5] },
    "@Timed(): option percentiles is one of a summary, and the metric is a histogram. Set type: 'summary'",
  ],
  [
    Timed,
    { type: 'summary', buckets: [1] },
    '@Timed(): option buckets is one of a histogram, and the metric is a summary.',
  ],
  [Timed, { name: 'a_seconds', maxAgeSeconds: 5 }, '@Timed(): option maxAgeSeconds is one of a summary'],
  [Observe, { name: 'a', value: () => 1, aggregate: 'max' }, '@Observe(): option aggregate is one of a gauge'],
  [
    Observe,
    { name: 'a', value: () => 1, type: 'counter', native: true },
    '@Observe(): option native is one of a histogram',
  ],
])('%p refuses an option that the type of its metric does not have: %p', (decorator, options, message) => {
  expect(() => decorate((decorator as (given: unknown) => unknown)(options))).toThrow(message);
});

test('a name of a wrong type removes nothing, also of ended threads', () => {
  const { generation } = registry;
  expect(() => registry.removeSingleMetric(wrong(undefined))).toThrow('Metric name must be a string, got undefined.');
  expect(registry.generation).toBe(generation);
});

test('render takes the null of a missing Accept header', async () => {
  const { text } = await registry.render(new Headers().get('accept'));
  expect(text).toContain('# TYPE jobs_total counter');
});

test('removeMatching with an argument of a wrong type removes nothing', () => {
  jobs.inc({ queue: 'mails' });
  for (const value of [5, true, [], Symbol('mails')]) {
    expect(() => registry.removeMatching(wrong(value))).toThrow(PromarkError);
    expect(() => jobs.removeMatching(wrong(value))).toThrow(PromarkError);
  }
  expect(jobs.seriesCount).toBe(1);
});

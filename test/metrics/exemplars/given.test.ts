import { afterEach, expect, jest, test } from '@jest/globals';
import { Counter, type ExemplarLabels, Histogram, type MetricObject, Registry, setExemplarSource } from 'promark';

afterEach(() => setExemplarSource(undefined));

const trace: ExemplarLabels = { trace_id: 'abc' };
const forms = { registers: [], enableExemplars: true };

async function exemplarsOf(metric: { get(): Promise<MetricObject> }) {
  const { values } = await metric.get();
  return values.flatMap(({ exemplar, labels }) =>
    exemplar == null ? [] : [[labels.le ?? labels.a, exemplar.labelSet, exemplar.value]],
  );
}

const counters: Record<string, (counter: Counter<'a'>) => void> = {
  'counter.inc(labels, value, exemplar)': (counter) => counter.inc({ a: 'x' }, 2, trace),
  'counter.inc({ labels, value, exemplarLabels })': (counter) =>
    counter.inc({ labels: { a: 'x' }, value: 2, exemplarLabels: trace }),
  'child.inc(value, exemplar)': (counter) => counter.labels('x').inc(2, trace),
};

test.each(Object.entries(counters))('%s', async (_, record) => {
  const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['a'] as const, ...forms });
  record(counter);
  expect(await exemplarsOf(counter)).toEqual([['x', trace, 2]]);
});

test('counter.inc(value, exemplar) without labels', async () => {
  const counter = new Counter({ name: 'c_total', help: 'C', ...forms });
  counter.inc(3, trace);
  expect(await exemplarsOf(counter)).toEqual([[undefined, trace, 3]]);
  counter.inc({ exemplarLabels: { trace_id: 'd' } });
  expect(await exemplarsOf(counter)).toEqual([[undefined, { trace_id: 'd' }, 1]]);
});

const histograms: Record<string, (histogram: Histogram<'a'>) => void> = {
  'histogram.observe(labels, value, exemplar)': (histogram) => histogram.observe({ a: 'x' }, 2, trace),
  'histogram.observe({ labels, value, exemplarLabels })': (histogram) =>
    histogram.observe({ labels: { a: 'x' }, value: 2, exemplarLabels: trace }),
  'child.observe(value, exemplar)': (histogram) => histogram.labels('x').observe(2, trace),
};

test.each(Object.entries(histograms))('%s', async (_, record) => {
  for (const native of [false, true]) {
    const labelNames = ['a'] as const;
    const histogram = new Histogram({ name: 'h', help: 'H', labelNames, native, buckets: [1, 5], ...forms });
    record(histogram);
    expect(await exemplarsOf(histogram)).toEqual([[5, trace, 2]]);
    const { values } = await histogram.get();
    const exemplars = values.flatMap((value) => value.native?.exemplars ?? []);
    expect(exemplars.map(({ labels, value }) => [labels, value])).toEqual(native ? [[trace, 2]] : []);
  }
});

const timers: Record<string, (histogram: Histogram) => void> = {
  'startTimer(labels, exemplar)': (histogram) => void histogram.startTimer({}, trace)(),
  'the end of startTimer()': (histogram) => void histogram.startTimer()({}, trace),
  'child.startTimer(exemplar)': (histogram) => void histogram.labels().startTimer(trace)(),
  'time(body, exemplar)': (histogram) => histogram.time(() => {}, trace),
  'child.time(body, exemplar)': (histogram) => histogram.labels().time(() => {}, trace),
};

test.each(Object.entries(timers))('%s', async (_, record) => {
  const histogram = new Histogram({ name: 'h', help: 'H', buckets: [1000], ...forms });
  record(histogram);
  expect(await exemplarsOf(histogram)).toEqual([[1000, trace, expect.any(Number)]]);
});

test('a classic bucket keeps the newest exemplar; calls without one change nothing', async () => {
  const histogram = new Histogram({ name: 'h', help: 'H', buckets: [1, 5], ...forms });
  histogram.observe(2, { trace_id: 'old' });
  histogram.observe(3, trace);
  histogram.observe(4);
  histogram.observe(0.5);
  expect(await exemplarsOf(histogram)).toEqual([[5, trace, 3]]);
});

test('one of more than 128 code points is dropped, counted and logged once; the value counts', async () => {
  const warn = jest.fn();
  const registry = new Registry({ logger: { warn } });
  const counter = new Counter({ name: 'c_total', help: 'C', registers: [registry], enableExemplars: true });
  counter.inc(1, { trace_id: '🜚'.repeat(120) });
  expect((await exemplarsOf(counter)).length).toBe(1);
  counter.inc(1, { trace_id: 'x'.repeat(121) });
  counter.inc(1, { trace_id: 'x'.repeat(121) });
  expect(await exemplarsOf(counter)).toEqual([[undefined, { trace_id: '🜚'.repeat(120) }, 1]]);
  const page = await registry.metrics();
  expect(page).toContain('c_total 3');
  expect(page).toContain('promark_instrumentation_errors_total{where="exemplar of c_total"} 2');
  expect(warn).toHaveBeenCalledTimes(1);
});

test('unless exemplars are enabled, none is kept and no source asked', async () => {
  const source = jest.fn(() => trace);
  setExemplarSource(source);
  const counter = new Counter({ name: 'c_total', help: 'C', registers: [] });
  counter.inc(1, trace);
  expect(await exemplarsOf(counter)).toEqual([]);
  expect(source).not.toHaveBeenCalled();
});

test('a source is asked when a call passes none', async () => {
  setExemplarSource(() => ({ trace_id: 'current' }));
  const counter = new Counter({ name: 'c_total', help: 'C', ...forms });
  const histogram = new Histogram({ name: 'h', help: 'H', buckets: [1], native: true, ...forms });
  counter.inc();
  histogram.observe(0.5);
  expect(await exemplarsOf(counter)).toEqual([[undefined, { trace_id: 'current' }, 1]]);
  expect(await exemplarsOf(histogram)).toEqual([[1, { trace_id: 'current' }, 0.5]]);
  counter.inc(1, trace);
  expect(await exemplarsOf(counter)).toEqual([[undefined, trace, 1]]);
  setExemplarSource(() => undefined);
  counter.inc();
  expect(await exemplarsOf(counter)).toEqual([[undefined, trace, 1]]);
});

test('a source that throws is counted and has no other effect', async () => {
  const registry = new Registry({ logger: { warn() {} } });
  const counter = new Counter({ name: 'c_total', help: 'C', registers: [registry], enableExemplars: true });
  setExemplarSource(() => {
    throw new Error('no tracer');
  });
  counter.inc();
  const page = await registry.metrics();
  expect(page).toContain('c_total 1');
  expect(page).toContain('promark_instrumentation_errors_total{where="exemplar of c_total"} 1');
});

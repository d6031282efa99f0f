import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Counter, type Exemplar, Histogram, parseOpenMetrics, Registry, ValueError } from 'promark';

const NOW = 1_700_000_000_500;

let warnings: string[];
let registry: Registry;

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
  warnings = [];
  registry = new Registry({ logger: { warn: (message) => warnings.push(message) } });
});

afterEach(() => {
  jest.useRealTimers();
});

function counter<N extends string>(...labelNames: N[]) {
  return new Counter({ name: 'hits_total', help: 'Hits', labelNames, enableExemplars: true, registers: [registry] });
}

function histogram<N extends string>(...labelNames: N[]) {
  const config = { name: 'job_seconds', help: 'Job time', labelNames, buckets: [1, 2] };
  return new Histogram({ ...config, enableExemplars: true, registers: [registry] });
}

/** The exemplars on the OpenMetrics page by the line that they are on. */
async function exemplars(): Promise<Record<string, Exemplar>> {
  const page = await registry.render('application/openmetrics-text; version=1.0.0');
  const samples = parseOpenMetrics(page.text).flatMap((family) => family.samples);
  const lines = samples.map(({ name, labels, exemplar }) => [`${name}${JSON.stringify(labels)}`, exemplar] as const);
  return Object.fromEntries(lines.filter((line): line is [string, Exemplar] => line[1] !== undefined));
}

describe('an exemplar of a counter', () => {
  test('is passed as in prom-client and shown on the OpenMetrics page', async () => {
    counter('a').inc({ labels: { a: 'x' }, value: 2, exemplarLabels: { trace_id: 'abc', span: 7 } });
    expect(await exemplars()).toEqual({
      'hits_total{"a":"x"}': { labels: { trace_id: 'abc', span: '7' }, value: 2, timestamp: NOW },
    });
    expect(await registry.metrics()).toContain('hits_total{a="x"} 2\n');
  });

  test('may be passed without labels and without a value', async () => {
    const hits = counter();
    hits.inc({ exemplarLabels: { trace_id: 'abc' } });
    expect((await hits.get()).values).toEqual([
      {
        labels: {},
        value: 1,
        exemplar: { labelSet: { trace_id: 'abc' }, value: 1, timestamp: NOW / 1000 },
      },
    ]);
  });

  test('is replaced by the next, and kept by an increment without one', async () => {
    const hits = counter();
    hits.inc({ exemplarLabels: { trace_id: 'first' } });
    hits.inc({ value: 3, exemplarLabels: { trace_id: 'second' } });
    hits.inc();
    hits.inc({ value: 5 });
    hits.inc({ value: 5, exemplarLabels: {} });
    expect(await exemplars()).toMatchObject({ 'hits_total{}': { labels: { trace_id: 'second' }, value: 3 } });
    expect((await hits.get()).values[0].value).toBe(15);
  });

  test('may be passed to a child, with or without a value', async () => {
    const child = counter('a').labels('x');
    child.inc({ value: 2, exemplarLabels: { trace_id: 'abc' } });
    expect(await exemplars()).toMatchObject({ 'hits_total{"a":"x"}': { labels: { trace_id: 'abc' }, value: 2 } });
    child.inc({ exemplarLabels: { trace_id: 'def' } });
    expect(await exemplars()).toMatchObject({ 'hits_total{"a":"x"}': { labels: { trace_id: 'def' }, value: 1 } });
    child.inc({});
    child.inc({ value: 4 });
    expect(await registry.metrics()).toContain('hits_total{a="x"} 8\n');
    expect(() => child.inc({ labels: { a: 'y' } } as never)).toThrow(ValueError);
    expect(() => child.inc({ value: -1 })).toThrow(ValueError);
  });

  test.each([{}, { native: true }, { native: true, buckets: false as const }])(
    'may be passed to a child of a histogram with %j',
    async (options) => {
      const seconds = new Histogram({
        name: 'job_seconds',
        help: 'Job time',
        labelNames: ['a'],
        enableExemplars: true,
        registers: [registry],
        ...options,
      });
      const child = seconds.labels('x');
      child.observe({ value: 11, exemplarLabels: { trace_id: 'abc' } });
      child.observe({ value: 1 });
      expect(await exemplars()).toMatchObject({
        'job_seconds_bucket{"a":"x","le":"+Inf"}': { labels: { trace_id: 'abc' }, value: 11 },
      });
      expect(await registry.metrics()).toContain('job_seconds_sum{a="x"} 12\n');
      expect(() => child.observe({} as never)).toThrow(ValueError);
      expect(() => child.observe({ labels: { a: 'y' }, value: 1 } as never)).toThrow(ValueError);
    },
  );

  test('is refused by a child of a metric without exemplars', () => {
    const plain = new Counter({ name: 'plain_total', help: 'P', registers: [] });
    expect(() => plain.labels().inc({ value: 1 })).toThrow(ValueError);
    expect(() => new Histogram({ name: 'p', help: 'P', registers: [] }).labels().observe({ value: 1 })).toThrow(
      ValueError,
    );
    const native = new Histogram({ name: 'n', help: 'N', native: true, registers: [] });
    expect(() => native.labels().observe({ value: 1 })).toThrow(ValueError);
  });

  test('leaves the plain forms unchanged', async () => {
    const hits = counter('a');
    hits.inc({ a: 'x' });
    hits.inc({ a: 'x' }, 2);
    hits.labels('x').inc(3);
    expect((await hits.get()).values).toEqual([{ labels: { a: 'x' }, value: 6 }]);
    const bare = new Counter({ name: 'bare_total', help: 'Bare', enableExemplars: true, registers: [registry] });
    bare.inc(2);
    bare.inc({});
    bare.inc({}, 5);
    expect((await bare.get()).values[0].value).toBe(8);
  });

  test('is distinguished from labels with the names of its options', async () => {
    const hits = counter('labels', 'value');
    hits.inc({ labels: 'l', value: 'v' });
    hits.inc({ labels: 'l', value: 'v' }, 2);
    hits.inc({ labels: { labels: 'l', value: 'v' }, value: 3, exemplarLabels: { trace_id: 'abc' } });
    hits.inc({ labels: { labels: 'l', value: 'v' } });
    expect((await hits.get()).values).toMatchObject([{ labels: { labels: 'l', value: 'v' }, value: 7 }]);
  });

  test('is not accepted unless exemplars are enabled', () => {
    const hits = new Counter({ name: 'x_total', help: 'X', labelNames: ['a'], registers: [] });
    expect(() => hits.inc({ labels: { a: 'x' }, exemplarLabels: { trace_id: 'abc' } })).toThrow(
      'has no label "labels"',
    );
  });
});

describe('an exemplar of a histogram', () => {
  test('is on the bucket that its value falls into', async () => {
    const seconds = histogram('a');
    seconds.observe({ labels: { a: 'x' }, value: 0.5, exemplarLabels: { trace_id: 'one' } });
    seconds.observe({ labels: { a: 'x' }, value: 1, exemplarLabels: { trace_id: 'edge' } });
    seconds.observe({ labels: { a: 'x' }, value: 7, exemplarLabels: { trace_id: 'much' } });
    expect(await exemplars()).toEqual({
      'job_seconds_bucket{"a":"x","le":"1.0"}': { labels: { trace_id: 'edge' }, value: 1, timestamp: NOW },
      'job_seconds_bucket{"a":"x","le":"+Inf"}': { labels: { trace_id: 'much' }, value: 7, timestamp: NOW },
    });
  });

  test('may be passed to a timer at its start, at its end or at both', async () => {
    const seconds = histogram('a');
    const end = seconds.startTimer({ a: 'x' }, { trace_id: 'start', span_id: 'kept' });
    jest.advanceTimersByTime(1500);
    end({}, { trace_id: 'end' });
    seconds.startTimer({ a: 'y' }, { trace_id: 'start' })();
    seconds.startTimer({ a: 'z' })();
    expect(await exemplars()).toEqual({
      'job_seconds_bucket{"a":"x","le":"2.0"}': {
        labels: { trace_id: 'end', span_id: 'kept' },
        value: 1.5,
        timestamp: NOW + 1500,
      },
      'job_seconds_bucket{"a":"y","le":"1.0"}': { labels: { trace_id: 'start' }, value: 0, timestamp: NOW + 1500 },
    });
  });

  test('leaves the plain forms unchanged', async () => {
    const seconds = histogram();
    seconds.observe(1);
    seconds.observe({}, 2);
    seconds.observe({ value: 3 });
    seconds.labels().observe(4);
    const { values } = await seconds.get();
    expect(values.slice(-2).map(({ value }) => value)).toEqual([10, 4]);
  });
});

describe('an unusable exemplar', () => {
  test.each<[string, unknown]>([
    ['more than 128 code points', { trace_id: 'x'.repeat(121) }],
    ['a name with a dot', { 'trace.id': 'abc' }],
    ['an empty name', { '': 'abc' }],
    ['__proto__', JSON.parse('{"__proto__":"abc"}')],
    ['a value that is an object', { trace_id: {} }],
    ['a value that is a symbol', { trace_id: Symbol('abc') }],
  ])('(%s) is dropped and counted, and the observation is recorded', async (_what, exemplarLabels) => {
    const hits = counter();
    hits.inc({ value: 2, exemplarLabels: exemplarLabels as never });
    expect(await exemplars()).toEqual({});
    expect(await registry.metrics()).toContain('hits_total 2\n');
    expect(await registry.metrics()).toContain(
      'promark_instrumentation_errors_total{where="exemplar of hits_total"} 1\n',
    );
    expect(warnings).toHaveLength(1);
  });

  test('leaves the previous one in place', async () => {
    const hits = counter();
    hits.inc({ exemplarLabels: { trace_id: 'good' } });
    hits.inc({ exemplarLabels: { trace_id: 'x'.repeat(200) } });
    expect(await exemplars()).toMatchObject({ 'hits_total{}': { labels: { trace_id: 'good' } } });
  });

  test('is not one of 128 code points, however many bytes they take', async () => {
    const hits = counter();
    hits.inc({ exemplarLabels: { t: '😀'.repeat(127) } });
    expect(await exemplars()).toMatchObject({ 'hits_total{}': { labels: { t: '😀'.repeat(127) } } });
    expect(warnings).toEqual([]);
  });

  test('is not one with labels without a value, which are omitted', async () => {
    const hits = counter();
    hits.inc({ exemplarLabels: { trace_id: 'abc', span_id: undefined } });
    expect(await exemplars()).toMatchObject({ 'hits_total{}': { labels: { trace_id: 'abc' } } });
    hits.inc({ exemplarLabels: { trace_id: undefined } });
    expect(await exemplars()).toMatchObject({ 'hits_total{}': { labels: { trace_id: 'abc' } } });
  });
});

describe('the exemplars of a series', () => {
  test('are dropped when it is removed, and do not reappear when its row is reused', async () => {
    const hits = counter('a');
    hits.inc({ labels: { a: 'x' }, exemplarLabels: { trace_id: 'abc' } });
    hits.remove('x');
    hits.inc({ a: 'y' });
    expect(await exemplars()).toEqual({});
  });

  test('are dropped when it is reset', async () => {
    const hits = counter('a');
    const child = hits.labels('x');
    for (const back of [() => hits.reset(), () => hits.zero({ a: 'x' })]) {
      hits.inc({ labels: { a: 'x' }, exemplarLabels: { trace_id: 'abc' } });
      back();
      child.inc();
      expect(await exemplars()).toEqual({});
    }
  });

  test('do not keep the object that was passed', async () => {
    const hits = counter();
    const exemplarLabels = { trace_id: 'abc' };
    hits.inc({ exemplarLabels });
    exemplarLabels.trace_id = 'changed';
    expect(await exemplars()).toMatchObject({ 'hits_total{}': { labels: { trace_id: 'abc' } } });
  });
});

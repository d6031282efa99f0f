import { describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, LabelError, type LabelValue, Registry, Summary } from 'promark';
import { metricSeries } from '../support/page.js';

function counter<N extends string>(...labelNames: N[]) {
  return new Counter({ name: 'hits_total', help: 'Hits', labelNames, registers: [] });
}

describe('the three ways to address a series', () => {
  test('are equivalent: the object form, the positional form and the bound child', async () => {
    const hits = counter('method', 'path');
    hits.inc({ method: 'GET', path: '/' });
    hits.inc({ path: '/', method: 'GET' }, 2);
    hits.labels('GET', '/').inc(3);
    hits.labels({ path: '/', method: 'GET' }).inc(4);
    const bound = hits.labels('GET', '/');
    bound.inc();
    bound.inc(5);
    expect(await metricSeries(hits)).toEqual([[{ method: 'GET', path: '/' }, 16]]);
    expect(hits.labels('GET', '/')).toBe(bound);
  });

  test('exist for every metric type', async () => {
    const config = { name: 'x', help: 'X', labelNames: ['a', 'b'], registers: [] } as const;
    const gauge = new Gauge(config);
    gauge.set({ a: '1', b: '2' }, 5);
    gauge.inc({ a: '1', b: '2' });
    gauge.dec({ a: '1', b: '2' }, 2);
    gauge.labels('1', '2').inc(10);
    expect(await metricSeries(gauge)).toEqual([[{ a: '1', b: '2' }, 14]]);
    for (const metric of [new Histogram({ ...config, buckets: [] }), new Summary({ ...config, percentiles: [] })]) {
      metric.observe({ a: '1', b: '2' }, 1);
      metric.labels('1', '2').observe(2);
      metric.labels({ a: '1', b: '2' }).observe(3);
      expect((await metric.get()).values.map(({ value }) => value).slice(-2)).toEqual([6, 3]);
    }
  });

  test('create the series of a bound child at once, at 0', async () => {
    const hits = counter('a');
    hits.labels('x');
    expect(await metricSeries(hits)).toEqual([[{ a: 'x' }, 0]]);
  });

  test('do not keep, change or freeze the object that was passed', async () => {
    const hits = counter('a');
    const labels = { a: 'x' };
    hits.inc(labels);
    labels.a = 'y';
    hits.inc(labels);
    expect(Object.isFrozen(labels)).toBe(false);
    expect(await metricSeries(hits)).toEqual([
      [{ a: 'x' }, 1],
      [{ a: 'y' }, 1],
    ]);
  });

  test('do not keep the array of names that was passed', async () => {
    const labelNames = ['a'];
    const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames, registers: [] });
    labelNames.push('b');
    hits.labels('x').inc();
    expect(hits.labelNames).toEqual(['a']);
    expect(Object.isFrozen(labelNames)).toBe(false);
  });
});

describe('a label value', () => {
  test.each<[LabelValue, string]>([
    ['text', 'text'],
    [200, '200'],
    [-0, '0'],
    [0.1, '0.1'],
    [Number.NaN, 'NaN'],
    [1e21, '1e+21'],
    [true, 'true'],
    [false, 'false'],
    [2n ** 70n, '1180591620717411303424'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['toString', 'toString'],
    ['line\nbreak "and" back\\slash', 'line\nbreak "and" back\\slash'],
    ['nul\0', 'nul\0'],
    ['😀 é 漢', '😀 é 漢'],
    [' ', ' '],
  ])('%p is %p on the page', async (value, text) => {
    const hits = counter('a');
    hits.inc({ a: value });
    hits.labels(value).inc();
    expect(await metricSeries(hits)).toEqual([[{ a: text }, 2]]);
  });

  test.each([undefined, null, ''])('%p is the same as no label', async (nothing) => {
    const registry = new Registry();
    const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a', 'b'], registers: [registry] });
    hits.inc({ a: nothing, b: 'x' });
    hits.labels(nothing, 'x').inc();
    hits.inc({ b: 'x' } as never);
    expect(await metricSeries(hits)).toEqual([[{ b: 'x' }, 3]]);
    expect(await registry.metrics()).toContain('hits_total{b="x"} 3\n');
  });

  test.each([
    [{}, 'an object {}'],
    [['x'], '["x"]'],
    [new Date(0), 'an object of class Date'],
    [() => 'x', 'a function'],
    [Symbol('x'), 'Symbol(x) (symbol)'],
    [Object.create(null), 'an object {}'],
  ])('that is not a string (%p) is refused and leaves no series', async (value, shown) => {
    const hits = counter('a', 'b');
    const message = `Metric "hits_total": the value of label "b" must be a string, number, boolean or empty, got ${shown}.`;
    expect(() => hits.inc({ a: 'x', b: value as never })).toThrow(new LabelError(message));
    expect(() => hits.labels('x', value as never)).toThrow(new LabelError(message));
    expect(() => hits.labels({ a: 'x', b: value as never })).toThrow(LabelError);
    expect(() => hits.remove('x', value as never)).toThrow(LabelError);
    expect(await metricSeries(hits)).toEqual([]);
  });

  test('that is an object is also refused as the first of several', () => {
    const hits = counter('a', 'b');
    expect(() => hits.labels({} as never, 'x' as never)).toThrow(
      'Metric "hits_total": the value of label "a" must be a string, number, boolean or empty, got an object {}.',
    );
  });

  test('with half a surrogate pair, which has no UTF-8 form, becomes the replacement character, and one series', async () => {
    const registry = new Registry();
    const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a'], registers: [registry] });
    hits.inc({ a: '\ud800' });
    hits.labels('\ud801').inc();
    hits.inc({ a: '\udc00' });
    hits.inc({ a: '\ufffd' });
    expect(await metricSeries(hits)).toEqual([[{ a: '\ufffd' }, 4]]);
    expect(Buffer.from((await registry.render()).body).toString()).toContain('hits_total{a="\ufffd"} 4\n');
    expect(hits.removeMatching({ a: '\udbff' })).toBe(1);
    hits.inc({ a: '\ud800' });
    hits.remove('\ud900');
    hits.inc({ a: '\ud800' });
    hits.remove({ a: '\ud900' });
    expect(hits.seriesCount).toBe(0);
  });
});

describe('a label object', () => {
  test('with an unknown label is refused, naming the label', () => {
    const hits = counter('method', 'path');
    const wrong = new LabelError(
      'Metric "hits_total" has no label "methd". Its labels: method, path. Add it to labelNames or leave it out.',
    );
    expect(() => hits.inc({ methd: 'GET', path: '/' } as never)).toThrow(wrong);
    expect(() => hits.labels({ methd: 'GET', path: '/' } as never)).toThrow(wrong);
    expect(() => hits.remove({ methd: 'GET' } as never)).toThrow(wrong);
    expect(() => hits.removeMatching({ methd: 'GET' })).toThrow(wrong);
    expect(() => hits.zero({ methd: 'GET' } as never)).toThrow(wrong);
    expect(hits.seriesCount).toBe(0);
    expect(() => counter().inc({ a: 'x' } as never)).toThrow(
      'Metric "hits_total" has no label "a". It has none. Add it to labelNames or leave it out.',
    );
  });

  test('may have an unknown label that is undefined', () => {
    const hits = counter('a');
    hits.inc({ a: 'x', b: undefined } as never);
    expect(hits.seriesCount).toBe(1);
  });

  test('is refused for an unknown label named like a member of every object', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const labels = JSON.parse(`{"a":"x","${key}":"y"}`) as { a: string };
      expect(() => counter('a').inc(labels)).toThrow(`Metric "hits_total" has no label "${key}"`);
    }
  });

  test('can set labels named like members of every object, and omits them when it does not', async () => {
    const hits = counter('constructor', 'toString', 'valueOf');
    hits.inc({ constructor: 'a', toString: 'b', valueOf: 'c' } as never);
    hits.labels('a', 'b', 'c').inc();
    hits.inc({ valueOf: 'c' } as never);
    hits.inc({} as never);
    expect(await metricSeries(hits)).toEqual([
      [{ constructor: 'a', toString: 'b', valueOf: 'c' }, 2],
      [{ valueOf: 'c' }, 1],
      [{}, 1],
    ]);
  });

  test('may inherit its labels from its class or its prototype, and finds the same series each time', async () => {
    class Request {
      get method() {
        return 'GET';
      }
    }
    const hits = counter('method');
    hits.inc(new Request());
    hits.inc(new Request());
    hits.inc(Object.create({ method: 'GET' }) as { method: string });
    hits.inc({ method: 'GET' });
    expect(await metricSeries(hits)).toEqual([[{ method: 'GET' }, 4]]);
  });

  test('never creates a second series with the same labels, even if a getter changes its value each time', async () => {
    const hits = counter('a');
    hits.inc({ a: 'second' });
    let reads = 0;
    const shifty = {
      get a() {
        reads += 1;
        return reads % 2 === 1 ? 'first' : 'second';
      },
    };
    for (let i = 0; i < 10; i++) hits.inc(shifty);
    const names = (await metricSeries(hits)).map(([labels]) => JSON.stringify(labels));
    expect(new Set(names).size).toBe(names.length);
  });

  test('may list its labels in any order', async () => {
    const hits = counter('a', 'b', 'c');
    hits.inc({ a: '1', b: '2', c: '3' });
    hits.inc({ c: '3', a: '1', b: '2' });
    expect(await metricSeries(hits)).toEqual([[{ a: '1', b: '2', c: '3' }, 2]]);
  });
});

describe('positional label values', () => {
  test('must be as many as the family has labels', () => {
    const hits = counter('method', 'path');
    const labels = hits.labels as (...values: unknown[]) => unknown;
    expect(() => labels.call(hits)).toThrow(
      new LabelError('Metric "hits_total" has 2 labels (method, path), got 0 values: [].'),
    );
    expect(() => labels.call(hits, 'GET')).toThrow('has 2 labels (method, path), got 1 value: ["GET"].');
    expect(() => labels.call(hits, 'GET', '/', 'x')).toThrow('has 2 labels (method, path), got 3 values: [');
    expect(() => (counter().labels as (...values: unknown[]) => unknown)('x')).toThrow();
    expect(hits.seriesCount).toBe(0);
  });

  test('are not accepted by a family without labels', async () => {
    const hits = counter();
    hits.labels().inc();
    hits.labels({}).inc();
    hits.inc({});
    hits.inc();
    expect(await metricSeries(hits)).toEqual([[{}, 4]]);
  });
});

describe('series whose label values look alike', () => {
  test('stay distinct', async () => {
    const hits = counter('a', 'b');
    const pairs = [
      ['x|', 'y'],
      ['x', '|y'],
      ['x,b:y', ''],
      ['x', 'y,'],
      ['', 'x'],
      ['x', ''],
      ['x', 'undefined'],
      ['x', 'null'],
      ['1', '11'],
      ['11', '1'],
      ['a\0', 'b'],
      ['a', '\0b'],
    ] as const;
    pairs.forEach(([a, b], i) => {
      hits.inc({ a, b }, i + 1);
    });
    expect((await metricSeries(hits)).map(([, value]) => value)).toEqual(pairs.map((_, i) => i + 1));
  });
});

describe('recording without labels on a metric that has some', () => {
  test.each<[string, (metric: Counter<string>) => void]>([
    ['inc()', (metric) => metric.inc(...([] as unknown as [{ a: string }]))],
    ['inc({})', (metric) => metric.inc({})],
    ['inc with empty values', (metric) => metric.inc({ a: undefined, b: '' })],
    ['labels({})', (metric) => metric.labels({}).inc()],
  ])('is logged once: %s', (_call, record) => {
    const messages: string[] = [];
    const registry = new Registry({ logger: { warn: (message) => messages.push(message) } });
    const metric = new Counter<string>({ name: 'm_total', help: 'M', labelNames: ['a', 'b'], registers: [registry] });
    metric.inc({ a: '', b: 'x' });
    expect(messages).toEqual([]);
    record(metric);
    metric.reset();
    record(metric);
    expect(messages).toEqual([
      'promark: Metric "m_total" was recorded with none of its labels (a, b), which creates a series without labels. ' +
        'Pass them with each call.',
    ]);
  });

  test('is not logged for a metric without labels', () => {
    const messages: string[] = [];
    const registry = new Registry({ logger: { warn: (message) => messages.push(message) } });
    const metric = new Counter({ name: 'm_total', help: 'M', registers: [registry] });
    metric.inc();
    metric.inc({});
    expect(messages).toEqual([]);
  });
});

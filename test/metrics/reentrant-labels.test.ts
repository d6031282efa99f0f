import { describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Info, LabelError, Registry, StateSet, Summary, setExemplarSource } from 'promark';

const config = { name: 'm', help: 'M', labelNames: ['a', 'b', 'c'], registers: [] } as const;

type Values = { a: string; b: string; c: string };
const OUTER: Values = { a: 'A', b: 'B', c: 'C' };
const INNER: Values = { a: 'x', b: 'y', c: 'z' };

/** Label objects of all kinds that call back while the label `b` is read. */
const forms: Record<string, (during: () => void) => Values> = {
  'a getter': (during) => ({
    a: 'A',
    get b() {
      during();
      return 'B';
    },
    c: 'C',
  }),
  'a getter in another order': (during) => ({
    c: 'C',
    get b() {
      during();
      return 'B';
    },
    a: 'A',
  }),
  'a getter of a class': (during) => {
    class Given {
      a = 'A';
      c = 'C';
      get b() {
        during();
        return 'B';
      }
    }
    return new Given();
  },
  'a proxy': (during) =>
    new Proxy(OUTER, {
      get(target, name) {
        if (name === 'b') during();
        return Reflect.get(target, name);
      },
    }),
  'the keys of a proxy': (during) =>
    new Proxy(OUTER, {
      ownKeys(target) {
        during();
        return Reflect.ownKeys(target);
      },
    }),
};

/** Every recording call, as a function of its labels. */
const calls: Record<string, () => { record(labels: Values): void; get(): Promise<{ values: readonly object[] }> }> = {
  'Counter.inc': () => {
    const metric = new Counter(config);
    return { record: (labels) => metric.inc(labels), get: () => metric.get() };
  },
  'Counter.labels': () => {
    const metric = new Counter(config);
    return { record: (labels) => metric.labels(labels).inc(), get: () => metric.get() };
  },
  'Counter.inc with exemplars': () => {
    const metric = new Counter({ ...config, enableExemplars: true });
    return { record: (labels) => metric.inc({ labels, exemplarLabels: { t: '1' } }), get: () => metric.get() };
  },
  'Counter.curry': () => {
    const metric = new Counter({ ...config, labelNames: ['zone', ...config.labelNames] });
    const curried = metric.curry({ zone: 'eu' });
    return { record: (labels) => curried.inc(labels), get: () => metric.get() };
  },
  'Gauge.set': () => {
    const metric = new Gauge(config);
    return { record: (labels) => metric.set(labels, 1), get: () => metric.get() };
  },
  'Histogram.observe': () => {
    const metric = new Histogram({ ...config, buckets: [] });
    return { record: (labels) => metric.observe(labels, 1), get: () => metric.get() };
  },
  'Summary.observe': () => {
    const metric = new Summary({ ...config, percentiles: [] });
    return { record: (labels) => metric.observe(labels, 1), get: () => metric.get() };
  },
  'StateSet.state': () => {
    const metric = new StateSet({ ...config, states: ['on'] });
    return { record: (labels) => metric.state(labels, 'on'), get: () => metric.get() };
  },
  'Info.info': () => {
    const metric = new Info(config);
    return { record: (labels) => metric.info(labels, { v: '1' }), get: () => metric.get() };
  },
};

/** The label values of a metric's series. */
async function series(metric: { get(): Promise<{ values: readonly object[] }> }): Promise<string[]> {
  const { values } = (await metric.get()) as { values: { labels: Record<string, string> }[] };
  return [...new Set(values.map(({ labels }) => `${labels.a}${labels.b}${labels.c}`))].sort();
}

describe.each(Object.entries(calls))('%s', (_call, make) => {
  test.each(Object.entries(forms))(
    'records on the series it names if %s records on the same metric',
    async (_form, given) => {
      const metric = make();
      metric.record(given(() => metric.record(INNER)));
      metric.record(given(() => metric.record(INNER)));
      expect(await series(metric)).toEqual(['ABC', 'xyz']);
    },
  );

  test('continues if what a getter records throws, or the getter itself does', async () => {
    const metric = make();
    metric.record(
      forms['a getter'](() => expect(() => metric.record({ a: '1', b: Symbol('b') } as never)).toThrow(LabelError)),
    );
    const failing = forms['a getter'](() => {
      throw new Error('no label');
    });
    expect(() => metric.record(failing)).toThrow('no label');
    metric.record(INNER);
    expect(await series(metric)).toEqual(['ABC', 'xyz']);
  });
});

test.each(['a getter', 'a getter in another order', 'a getter of a class'])('%s is read once', (form) => {
  const counter = new Counter(config);
  let reads = 0;
  counter.inc(forms[form](() => reads++));
  expect(reads).toBe(1);
});

test('a look-up three deep finds its series each time', async () => {
  const counter = new Counter(config);
  const nested = (depth: number): Values => ({
    a: `${depth}`,
    get b() {
      if (depth > 0) counter.inc(nested(depth - 1));
      return `${depth}`;
    },
    get c() {
      if (depth > 0) counter.inc(nested(depth - 1));
      return `${depth}`;
    },
  });
  counter.inc(nested(3));
  const { values } = await counter.get();
  expect(values.map(({ labels, value }) => [labels.a, labels.b, labels.c, value])).toEqual([
    ['0', '0', '0', 8],
    ['1', '1', '1', 4],
    ['2', '2', '2', 2],
    ['3', '3', '3', 1],
  ]);
});

test('an exemplar source that removes the series leaves nothing behind', async () => {
  const registry = new Registry();
  const counter = new Counter({ ...config, enableExemplars: true, registers: [registry] });
  setExemplarSource(() => {
    counter.remove(OUTER);
    return { trace_id: 'x' };
  });
  try {
    counter.inc(OUTER);
  } finally {
    setExemplarSource(undefined);
  }
  counter.inc(INNER);
  expect(await series(counter)).toEqual(['xyz']);
  expect((await registry.render('application/openmetrics-text')).text).not.toContain('trace_id');
});

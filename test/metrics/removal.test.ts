import { describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry, StateSet, Summary } from 'promark';
import { sampleLines } from '../support/page.js';

const config = { name: 'x', help: 'X', labelNames: ['a', 'b'], registers: [] } as const;
const bare = { name: 'x', help: 'X', registers: [] };

/** Each metric with a call that visibly records on a child. */
const kinds = {
  Counter: { make: () => new Counter(config), alone: () => new Counter(bare), act: (child: any) => child.inc(3) },
  Gauge: { make: () => new Gauge(config), alone: () => new Gauge(bare), act: (child: any) => child.inc(3) },
  Histogram: {
    make: () => new Histogram({ ...config, buckets: [1] }),
    alone: () => new Histogram({ ...bare, buckets: [1] }),
    act: (child: any) => child.observe(3),
  },
  Summary: {
    make: () => new Summary({ ...config, percentiles: [0.5] }),
    alone: () => new Summary({ ...bare, percentiles: [0.5] }),
    act: (child: any) => child.observe(3),
  },
  StateSet: {
    make: () => new StateSet({ ...config, states: ['off', 'on'] }),
    alone: () => new StateSet({ ...bare, states: ['off', 'on'] }),
    act: (child: any) => child.state('on'),
  },
};

type Metric = ReturnType<(typeof kinds)[keyof typeof kinds]['make']>;

/** The values of every series by its labels. */
async function series(metric: { get(): Promise<any> }): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (const { labels, value } of (await metric.get()).values) {
    const key = `${labels.a ?? ''}/${labels.b ?? ''}`;
    found[key] = [...(found[key] ?? []), value];
  }
  return found;
}

describe.each(Object.entries(kinds))('a %s', (_kind, { make, alone, act }) => {
  const fresh = async () => {
    const metric = make();
    metric.labels('new', '');
    return (await series(metric))['new/'];
  };
  const used = async (times = 1) => {
    const metric = make();
    for (let i = 0; i < times; i++) act(metric.labels('new', ''));
    return (await series(metric))['new/'];
  };

  test.each<[string, (metric: Metric) => void]>([
    ['positional values', (metric) => metric.remove('x', 'y')],
    ['a label object', (metric) => metric.remove({ a: 'x', b: 'y' })],
    ['a subset of the labels', (metric) => expect(metric.removeMatching({ a: 'x' })).toBe(1)],
  ])('loses a series by %s; a child that was kept then records nothing', async (_how, remove) => {
    const metric = make();
    const kept = metric.labels('x', 'y');
    act(kept);
    act(metric.labels('other', 'z'));
    remove(metric);
    expect(Object.keys(await series(metric))).toEqual(['other/z']);
    act(kept);
    expect(Object.keys(await series(metric))).toEqual(['other/z']);
    expect(metric.seriesCount).toBe(1);
  });

  test('never lets a child of a removed series record on the series that reuses its row', async () => {
    const metric = make();
    const kept = Array.from({ length: 50 }, (_, i) => metric.labels(String(i), 'old'));
    for (const child of kept) act(child);
    for (let i = 0; i < 50; i++) metric.remove(String(i), 'old');
    const rows = metric.rowCount;
    const successors = Array.from({ length: 50 }, (_, i) => metric.labels(String(i), 'new'));
    for (const child of kept) act(child);
    expect(metric.rowCount).toBe(rows);
    const expected = await fresh();
    expect(Object.values(await series(metric))).toEqual(successors.map(() => expected));
  });

  test('starts over when a series is recreated, on a new child', async () => {
    const metric = make();
    const kept = metric.labels('x', 'y');
    act(kept);
    metric.remove('x', 'y');
    const next = metric.labels('x', 'y');
    expect(next).not.toBe(kept);
    act(kept);
    expect((await series(metric))['x/y']).toEqual(await fresh());
    act(next);
    expect((await series(metric))['x/y']).toEqual(await used());
  });

  test('ignores the removal of series that do not exist', async () => {
    const metric = make();
    act(metric.labels('x', 'y'));
    metric.remove('x', 'z');
    metric.remove('y', 'x');
    metric.remove({ a: 'x' } as never);
    metric.remove('x', 'y');
    metric.remove('x', 'y');
    expect(metric.seriesCount).toBe(0);
  });

  test('can be reset: series with a kept child start over, others are removed', async () => {
    const metric = make();
    const kept = metric.labels('kept', '');
    act(kept);
    metric.zero({ a: 'not', b: 'kept' });
    metric.reset();
    expect(await series(metric)).toEqual({ 'kept/': await fresh() });
    act(kept);
    expect(await series(metric)).toEqual({ 'kept/': await used() });
  });

  test('without labels stays on the page with its initial value after reset, zero and remove', async () => {
    const metric = alone();
    const child = metric.labels();
    const start = await series(metric);
    for (const back of [() => metric.reset(), () => metric.zero(), () => metric.remove()]) {
      act(child);
      expect(await series(metric)).not.toEqual(start);
      back();
      expect(await series(metric)).toEqual(start);
      act(child);
      expect(await series(metric)).toEqual({ '/': await used() });
      back();
    }
  });

  test('without labels is not affected by removal by a subset of the labels', async () => {
    const metric = alone();
    act(metric.labels());
    const before = await series(metric);
    expect(metric.removeMatching({})).toBe(0);
    expect(await series(metric)).toEqual(before);
  });

  test('zeroes one series and leaves the others', async () => {
    const metric = make();
    act(metric.labels('x', ''));
    act(metric.labels('y', ''));
    metric.zero({ a: 'x', b: undefined });
    expect(await series(metric)).toEqual({ 'x/': await fresh(), 'y/': await used() });
  });

  test('loses all series that match a subset of the labels', async () => {
    const metric = make();
    for (const a of ['1', '2', '3']) for (const b of ['1', '2', '']) act(metric.labels(a, b));
    expect(metric.removeMatching({ a: 2 })).toBe(3);
    expect(metric.removeMatching({ b: '' })).toBe(2);
    expect(metric.removeMatching({ a: '3', b: '1' })).toBe(1);
    expect(metric.removeMatching({ a: '9' })).toBe(0);
    expect(Object.keys(await series(metric))).toEqual(['1/1', '1/2', '3/2']);
    expect(metric.removeMatching({})).toBe(3);
  });
});

describe('a series without labels in a family that has some', () => {
  test('is created on first use, removed, and recreated', async () => {
    const hits = new Counter(config);
    // @ts-expect-error: labels are missing
    hits.inc();
    // @ts-expect-error: labels are missing
    hits.inc(2);
    expect(await series(hits)).toEqual({ '/': [3] });
    hits.remove('', '');
    expect(await series(hits)).toEqual({});
    // @ts-expect-error: labels are missing
    hits.inc();
    expect(await series(hits)).toEqual({ '/': [1] });
  });
});

describe('a page after changes', () => {
  test('shows the current series, and not what was rendered before', async () => {
    const registry = new Registry();
    const hits = new Counter({ ...config, registers: [registry] });
    const lines = async () => sampleLines(await registry.metrics());
    hits.inc({ a: '1', b: '' });
    hits.inc({ a: '2', b: '' });
    expect(await lines()).toEqual(['x{a="1"} 1', 'x{a="2"} 1']);
    hits.remove('1', '');
    expect(await lines()).toEqual(['x{a="2"} 1']);
    hits.inc({ a: '3', b: '' });
    expect((await lines()).sort()).toEqual(['x{a="2"} 1', 'x{a="3"} 1']);
    hits.reset();
    expect(await lines()).toEqual([]);
    hits.inc({ a: '2', b: '' });
    expect(await lines()).toEqual(['x{a="2"} 1']);
  });
});

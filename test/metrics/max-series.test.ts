import { beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry, StateSet, Summary } from 'promark';
import { sampleLinesIn } from '../support/page.js';

let warnings: string[];
const logger = { warn: (message: string) => void warnings.push(message) };

beforeEach(() => {
  warnings = [];
});

const FULL =
  'promark: Metric "hits_total" has 3 series and takes no more (maxSeries): further label values are recorded in one ' +
  'series whose labels are "__overflow__". A label probably holds an id or a raw path.';

function hitsOf(registry: Registry, maxSeries?: number) {
  return new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a', 'b'], registers: [registry], maxSeries });
}

describe('a family at its limit', () => {
  test('records new label sets on one overflow series, counts them and warns once', async () => {
    const registry = new Registry({ logger });
    const hits = hitsOf(registry, 3);
    for (let i = 0; i < 10; i++) hits.inc({ a: i, b: 'x' });
    for (let i = 0; i < 10; i++) hits.labels(i, 'x').inc(10);
    expect(await sampleLinesIn(registry)).toEqual([
      'hits_total{a="0",b="x"} 11',
      'hits_total{a="1",b="x"} 11',
      'hits_total{a="2",b="x"} 11',
      'hits_total{a="__overflow__",b="__overflow__"} 77',
      'promark_overflow_total{family="hits_total"} 14',
    ]);
    expect(warnings).toEqual([FULL]);
    expect(hits.seriesCount).toBe(4);
  });

  test('has room again after a series is removed', async () => {
    const registry = new Registry({ logger });
    const hits = hitsOf(registry, 3);
    for (let i = 0; i < 5; i++) hits.inc({ a: i, b: 'x' });
    hits.remove('1', 'x');
    hits.inc({ a: 4, b: 'x' });
    hits.inc({ a: 5, b: 'x' });
    expect((await sampleLinesIn(registry)).slice(0, -1).sort()).toEqual([
      'hits_total{a="0",b="x"} 1',
      'hits_total{a="2",b="x"} 1',
      'hits_total{a="4",b="x"} 1',
      'hits_total{a="__overflow__",b="__overflow__"} 3',
    ]);
  });

  test('may have its overflow series removed, and creates another one', async () => {
    const registry = new Registry({ logger });
    const hits = hitsOf(registry, 1);
    hits.inc({ a: 1, b: 1 });
    hits.inc({ a: 2, b: 2 });
    hits.remove('__overflow__', '__overflow__');
    expect(hits.seriesCount).toBe(1);
    hits.inc({ a: 2, b: 2 });
    expect((await sampleLinesIn(registry)).slice(0, 2)).toEqual([
      'hits_total{a="1",b="1"} 1',
      'hits_total{a="__overflow__",b="__overflow__"} 1',
    ]);
  });

  test('does not create a second series if the overflow labels are already in use', async () => {
    const registry = new Registry({ logger });
    const hits = hitsOf(registry, 2);
    hits.inc({ a: '__overflow__', b: '__overflow__' });
    for (let i = 0; i < 5; i++) hits.inc({ a: i, b: i });
    expect(new Set(await sampleLinesIn(registry)).size).toBe((await sampleLinesIn(registry)).length);
    expect((await sampleLinesIn(registry)).filter((line) => line.includes('__overflow__'))).toHaveLength(1);
  });

  test('starts over after a reset', async () => {
    const registry = new Registry({ logger });
    const hits = hitsOf(registry, 2);
    for (let i = 0; i < 5; i++) hits.inc({ a: i, b: i });
    hits.reset();
    expect(hits.seriesCount).toBe(0);
    for (let i = 5; i < 8; i++) hits.inc({ a: i, b: i });
    expect((await sampleLinesIn(registry)).slice(0, 3).sort()).toEqual([
      'hits_total{a="5",b="5"} 1',
      'hits_total{a="6",b="6"} 1',
      'hits_total{a="__overflow__",b="__overflow__"} 1',
    ]);
  });

  test('keeps the overflow value when a series that it has no room for is zeroed', async () => {
    const registry = new Registry({ logger });
    const hits = hitsOf(registry, 1);
    hits.inc({ a: 1, b: 1 });
    hits.inc({ a: 2, b: 2 }, 5);
    hits.zero({ a: 3, b: 3 });
    expect(await sampleLinesIn(registry)).toContain('hits_total{a="__overflow__",b="__overflow__"} 5');
  });

  test('creates the series without labels when there is room again', async () => {
    const registry = new Registry({ logger });
    const hits = hitsOf(registry, 1);
    hits.inc({ a: 1, b: 1 });
    // @ts-expect-error: labels are missing
    hits.inc();
    hits.remove('1', '1');
    // @ts-expect-error: labels are missing
    hits.inc(2);
    expect((await sampleLinesIn(registry)).slice(0, -1).sort()).toEqual([
      'hits_total 2',
      'hits_total{a="__overflow__",b="__overflow__"} 1',
    ]);
  });

  test('does not throw from any form of recording, whatever the type', async () => {
    const registry = new Registry({ logger });
    const config = { help: 'X', labelNames: ['a'], registers: [registry], maxSeries: 1 } as const;
    const gauge = new Gauge({ ...config, name: 'g' });
    const histogram = new Histogram({ ...config, name: 'h', enableExemplars: true });
    const summary = new Summary({ ...config, name: 's', maxAgeSeconds: 1, pruneAgedBuckets: true });
    const states = new StateSet({ ...config, name: 't', states: ['off', 'on'] });
    for (const a of ['1', '2', '3']) {
      gauge.set({ a }, 1);
      gauge.labels(a).trackInProgress(() => {});
      gauge.labels(a).setFunction(() => 5);
      gauge.startTimer({ a })();
      histogram.observe({ a }, 1);
      histogram.observe({ labels: { a }, value: 1, exemplarLabels: { trace_id: 'abc' } });
      histogram.labels(a).startTimer()();
      summary.observe({ a }, 1);
      summary.labels(a).time(() => {});
      states.state({ a }, 'on');
    }
    expect(await sampleLinesIn(registry)).toContain('g{a="__overflow__"} 5');
    expect(warnings).toHaveLength(4);
  });

  test('is not affected by a logger that throws', () => {
    const registry = new Registry({
      logger: {
        warn() {
          throw new Error('no');
        },
      },
    });
    const hits = hitsOf(registry, 1);
    hits.inc({ a: 1, b: 1 });
    hits.inc({ a: 2, b: 2 });
    expect(hits.seriesCount).toBe(2);
  });
});

describe('the limit', () => {
  function countOf(hits: ReturnType<typeof hitsOf>, tries: number): number {
    for (let i = 0; i < tries; i++) hits.inc({ a: i, b: '' });
    return hits.seriesCount;
  }

  test('is 10 000, plus the overflow series', () => {
    expect(countOf(hitsOf(new Registry({ logger })), 10_010)).toBe(10_001);
    const nowhere = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a', 'b'], registers: [] });
    expect(countOf(nowhere, 10_010)).toBe(10_001);
  });

  test('is taken from the registry', () => {
    expect(countOf(hitsOf(new Registry({ logger, maxSeries: 5 })), 10)).toBe(6);
  });

  test('is taken from the family before the registry', () => {
    expect(countOf(hitsOf(new Registry({ logger, maxSeries: 5 }), 7), 10)).toBe(8);
    expect(countOf(hitsOf(new Registry({ logger, maxSeries: 5 }), 0), 10)).toBe(10);
  });

  test('is off with 0', () => {
    expect(countOf(hitsOf(new Registry({ logger, maxSeries: 0 })), 10_010)).toBe(10_010);
    expect(warnings).toEqual([]);
  });
});

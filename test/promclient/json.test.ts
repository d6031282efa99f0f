import { describe, expect, test } from '@jest/globals';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'promark';

describe('label values in JSON', () => {
  test('are numbers where the program gave numbers', async () => {
    const registry = new Registry({ defaultLabels: { instance: 0, zone: '1' } });
    const answers = new Counter({
      name: 'answers_total',
      help: 'A',
      labelNames: ['code', 'path'],
      registers: [registry],
    });
    answers.inc({ code: 200, path: '7' });
    answers.labels('404', 8).inc();
    const [{ values }] = await registry.getMetricsAsJSON();
    expect(values.map(({ labels }) => labels)).toEqual([
      { instance: 0, zone: '1', code: 200, path: '7' },
      { instance: 0, zone: '1', code: '404', path: 8 },
    ]);
    expect(await registry.metrics()).toContain('answers_total{code="200",path="7",instance="0",zone="1"} 1');
  });

  test('are text again when a series that had a number is removed and comes back with text', async () => {
    const stock = new Gauge({ name: 'stock', help: 'S', labelNames: ['id'], registers: [] });
    stock.set({ id: 1 }, 5);
    stock.remove({ id: 1 });
    stock.set({ id: '1' }, 6);
    expect((await stock.get()).values).toEqual([{ labels: { id: '1' }, value: 6 }]);
  });

  test('are numbers in default metrics that are given some', async () => {
    const registry = new Registry();
    const handle = collectDefaultMetrics({
      register: registry,
      labels: { NODE_APP_INSTANCE: 0 },
      collectors: ['version'],
    });
    const [{ values }] = await registry.getMetricsAsJSON();
    const [major, minor, patch] = process.version.slice(1).split('.').map(Number);
    expect(values[0].labels).toEqual({ NODE_APP_INSTANCE: 0, version: process.version, major, minor, patch });
    handle.stop();
  });
});

test('buckets without an exemplar say so, and other samples have no such field', async () => {
  const seconds = new Histogram({ name: 'seconds', help: 'S', buckets: [1], registers: [] });
  seconds.observe(2);
  expect((await seconds.get()).values).toStrictEqual([
    { labels: { le: 1 }, value: 0, metricName: 'seconds_bucket', exemplar: null },
    { labels: { le: '+Inf' }, value: 1, metricName: 'seconds_bucket', exemplar: null },
    { labels: {}, value: 2, metricName: 'seconds_sum' },
    { labels: {}, value: 1, metricName: 'seconds_count' },
  ]);
});

describe('a registry', () => {
  test('lists only the metrics with one aggregator', async () => {
    const registry = new Registry();
    const first = new Gauge({ name: 'first', help: 'F', aggregator: 'first', registers: [registry] });
    new Gauge({ name: 'sum', help: 'S', registers: [registry] });
    expect(registry.getMetricsAsArray('first')).toEqual([first]);
    expect((await registry.getMetricsAsJSON('sum')).map(({ name }) => name)).toEqual(['sum']);
  });

  test('merges with others of its content type only, which the result has as well', () => {
    const open = () => new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
    expect(() => Registry.merge([open(), new Registry()])).toThrow(
      'Registers can only be merged if they have the same content type',
    );
    expect(Registry.merge([open(), open()]).contentType).toBe(Registry.OPENMETRICS_CONTENT_TYPE);
  });
});

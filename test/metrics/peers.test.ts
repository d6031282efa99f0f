import { describe, expect, test } from '@jest/globals';
import * as prometheusClient from '@prometheus-io/client';
import * as promClient from 'prom-client';
import * as promark from 'promark';

type Peer = typeof promClient;

const peers: readonly (readonly [string, Peer])[] = [
  ['prom-client', promClient],
  ['@prometheus-io/client', prometheusClient as unknown as Peer],
];

/** What a program would do with either client; returns the metric whose values are compared. */
type Program = (client: Peer) => { get(): Promise<unknown> };

const programs: Record<string, Program> = {
  'a counter': ({ Counter }) => {
    const counter = new Counter({ name: 'a_total', help: 'A', labelNames: ['x', 'y'], registers: [] });
    counter.inc({ x: '1', y: '2' });
    counter.inc({ y: '2', x: '1' }, 5);
    counter.inc({ x: '1', y: '3' }, 0);
    counter.labels('1', '2').inc();
    counter.labels({ x: '3', y: '4' }).inc(0.5);
    counter.inc({ x: 'gone', y: '' });
    counter.remove('gone', '');
    return counter;
  },
  'a counter without labels': ({ Counter }) => {
    const counter = new Counter({ name: 'a_total', help: 'A "quoted" \\ help', registers: [], aggregator: 'first' });
    counter.inc();
    counter.inc(2);
    counter.inc(null as never);
    counter.inc({});
    return counter;
  },
  'an unused counter': ({ Counter }) => new Counter({ name: 'a_total', help: 'A', registers: [] }),
  'an unused counter with labels': ({ Counter }) =>
    new Counter({ name: 'a_total', help: 'A', labelNames: ['x'], registers: [] }),
  'a counter that was reset': ({ Counter }) => {
    const counter = new Counter({ name: 'a_total', help: 'A', labelNames: ['x'], registers: [] });
    counter.inc({ x: '1' });
    counter.reset();
    counter.inc({ x: '2' });
    return counter;
  },
  'a gauge': ({ Gauge }) => {
    const gauge = new Gauge({ name: 'a', help: 'A', labelNames: ['x'], registers: [] });
    gauge.set({ x: '1' }, -5.5);
    gauge.inc({ x: '1' });
    gauge.dec({ x: '1' }, 3);
    gauge.dec({ x: '2' });
    gauge.labels('3').set(7);
    gauge.labels({ x: '3' }).dec(1);
    return gauge;
  },
  'a gauge without labels': ({ Gauge }) => {
    const gauge = new Gauge({ name: 'a', help: 'A', registers: [] });
    gauge.inc();
    gauge.inc(4);
    gauge.dec();
    return gauge;
  },
  'a gauge with collect': ({ Gauge }) =>
    new Gauge({
      name: 'a',
      help: 'A',
      registers: [],
      async collect() {
        await Promise.resolve();
        this.set(5);
      },
    }),
  'a histogram': ({ Histogram }) => {
    const config = { name: 'a', help: 'A', labelNames: ['x'], buckets: [0.1, 1, 10], registers: [] };
    const histogram = new Histogram(config);
    for (const value of [0, 0.1, 0.5, 1, 5, 10, 50]) histogram.observe({ x: '1' }, value);
    histogram.labels('2').observe(3);
    histogram.zero({ x: '3' });
    return histogram;
  },
  'a histogram with the default buckets': ({ Histogram }) => {
    const histogram = new Histogram({ name: 'a', help: 'A', registers: [] });
    histogram.observe(0.3);
    histogram.observe(0);
    return histogram;
  },
  'the sum and count of a summary': ({ Summary }) => {
    const summary = new Summary({ name: 'a', help: 'A', labelNames: ['x'], percentiles: [], registers: [] });
    summary.observe({ x: '1' }, 1);
    summary.observe({ x: '1' }, 2);
    summary.labels('2').observe(3);
    return summary;
  },
  'a summary of one value': ({ Summary }) => {
    const summary = new Summary({ name: 'a', help: 'A', percentiles: [0.5, 0.99], registers: [] });
    summary.observe(3);
    return summary;
  },
};

describe.each(peers)('compatibility with %s', (_name, peer) => {
  test.each(Object.entries(programs))('returns the same values for %s', async (_what, program) => {
    const theirs = JSON.parse(JSON.stringify(await program(peer).get())) as { values: Record<string, unknown>[] };
    // Fields without content are left out here.
    for (const value of theirs.values) {
      value.labels ??= {};
      // An empty label is no label here, nor in Prometheus.
      for (const [label, text] of Object.entries(value.labels as object)) {
        if (text === '') delete (value.labels as Record<string, unknown>)[label];
      }
    }
    const ours = JSON.parse(JSON.stringify(await program(promark as unknown as Peer).get())) as typeof theirs;
    expect(ours).toEqual(theirs);
  });

  const refusals: Record<string, (client: Peer) => unknown> = {
    'an unknown label': ({ Counter }) =>
      new Counter({ name: 'a', help: 'A', labelNames: ['x'], registers: [] }).inc({ y: '1' } as never),
    'too few label values': ({ Counter }) =>
      new Counter({ name: 'a', help: 'A', labelNames: ['x', 'y'], registers: [] }).labels('1').inc(),
    'a counter that goes down': ({ Counter }) => new Counter({ name: 'a', help: 'A', registers: [] }).inc(-1),
    "a string as a gauge's value": ({ Gauge }) => new Gauge({ name: 'a', help: 'A', registers: [] }).set('5' as never),
    'a string as an observation': ({ Histogram }) =>
      new Histogram({ name: 'a', help: 'A', registers: [] }).observe('5' as never),
    "NaN as a histogram's observation": ({ Histogram }) =>
      new Histogram({ name: 'a', help: 'A', registers: [] }).observe(Number.NaN),
    "NaN as a summary's observation": ({ Summary }) =>
      new Summary({ name: 'a', help: 'A', registers: [] }).observe(Number.NaN),
    'no help': ({ Counter }) => new Counter({ name: 'a', registers: [] } as never),
    'no name': ({ Counter }) => new Counter({ help: 'A', registers: [] } as never),
    'le as a label': ({ Histogram }) => new Histogram({ name: 'a', help: 'A', labelNames: ['le'], registers: [] }),
    'quantile as a label': ({ Summary }) =>
      new Summary({ name: 'a', help: 'A', labelNames: ['quantile'], registers: [] }),
    'a string as collect': ({ Gauge }) => new Gauge({ name: 'a', help: 'A', registers: [], collect: 'x' as never }),
    'linear buckets without a width': ({ linearBuckets }) => linearBuckets(0, 1, 0),
    'exponential buckets without growth': ({ exponentialBuckets }) => exponentialBuckets(1, 1, 5),
  };

  test.each(Object.entries(refusals))('refuses the same: %s', (_what, attempt) => {
    expect(() => attempt(peer)).toThrow();
    expect(() => attempt(promark as unknown as Peer)).toThrow(promark.PromarkError);
  });
});

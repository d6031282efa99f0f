import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Counter,
  type FamilySnapshot,
  Gauge,
  type GaugeMerge,
  Histogram,
  type NativeHistogram,
  Registry,
  Summary,
} from 'promark';
import { addNative } from '../../../lib/model/add-native.js';
import { snapshotOf } from '../../../lib/model/snapshot-of.js';
import { EndedSources } from '../../../lib/replica/merge/ended-sources.js';
import type { MergeSource } from '../../../lib/replica/merge/source.js';
import { sampleLines } from '../../support/page.js';
import { runs } from '../../support/property-runs.js';
import { mergeInto, sourceOf } from './sources.js';

/** A registry that logs nothing. */
const quiet = () => new Registry({ logger: { warn() {} } });

/** Limits for a histogram's exponential buckets. */
interface NativeLimits {
  readonly maxBuckets: number;
  readonly schema?: number;
  readonly zeroThreshold?: number;
}

const MODES: readonly GaugeMerge[] = [
  'all',
  'liveall',
  'sum',
  'livesum',
  'min',
  'livemin',
  'max',
  'livemax',
  'mostrecent',
  'livemostrecent',
];

/** A registry with a metric of each kind; without limits, a histogram has no exponential buckets. */
function metricsOf(registry: Registry, native: NativeLimits | undefined) {
  const registers = [registry];
  const labelNames = ['a', 'b'] as const;
  return {
    registry,
    hasNative: native !== undefined,
    counter: new Counter({ name: 'c_total', help: 'c', labelNames, registers }),
    histogram: new Histogram({ name: 'h', help: 'h', labelNames, buckets: [-1, 0.5, 10], registers }),
    native: new Histogram({ name: 'n', help: 'n', labelNames, buckets: [0], ...(native && { native }), registers }),
    summary: new Summary({ name: 's', help: 's', labelNames, percentiles: [0, 0.5, 0.99, 1], registers }),
    recent: new Summary({ name: 'r', help: 'r', labelNames, percentiles: [0.5], maxAgeSeconds: 3600, registers }),
    plain: new Counter({ name: 'plain_total', help: 'p', registers }),
  };
}

type Metrics = ReturnType<typeof metricsOf>;

const TYPES = ['counter', 'histogram', 'native', 'summary', 'recent'] as const;
const text = fc.constantFrom('', 'x', 'y', 'z', '\n"\\');
// Their sums are exact in any order.
const value = fc.integer({ min: -4000, max: 4000 }).map((quarters) => quarters / 4);
const source = fc.nat({ max: 7 });
const CLEARING = ['remove', 'reset', 'zero', 'removeMatching'] as const;
const operation = fc.record({
  what: fc.constantFrom('count', 'count', 'count', 'count', 'count', ...CLEARING, 'compare', 'end'),
  on: fc.constantFrom(...TYPES),
  source,
  a: text,
  b: text,
  value,
});

// Undefined for a source without exponential buckets.
const limit = fc.option(
  fc.record({
    maxBuckets: fc.constantFrom(0, 1, 4, 12),
    schema: fc.constantFrom(-1, 0, 2, 3, 8),
    // 1 is a bucket boundary at every resolution.
    zeroThreshold: fc.constantFrom(0, 2 ** -128, 1),
  }),
  { nil: undefined, freq: 8 },
);

type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

function count(metrics: Metrics, { on, a, b, value }: Operation): void {
  if (on === 'counter') metrics.counter.inc({ a, b }, Math.abs(value));
  else metrics[on].observe({ a, b }, value);
  metrics.plain.inc();
}

function clear(metrics: Metrics, { what, on, a, b }: Operation): void {
  const metric = metrics[on];
  if (what === 'remove') metric.remove(a, b);
  else if (what === 'reset') metric.reset();
  else if (what === 'zero') metric.zero({ a, b });
  else if (what === 'removeMatching') metric.removeMatching({ a });
}

/** Drops what ended sources recorded of the series that `clear` removes or resets. */
function forget(ended: EndedSources, { what, a, b }: Pick<Operation, 'what' | 'a' | 'b'>, family: string): void {
  if (what === 'reset') ended.forget({ family });
  else ended.forget({ family, labels: what === 'removeMatching' ? { a } : { a, b } });
}

/** Splits a page into its lines and, separately, the quantiles, which are only exact within an error. */
function linesOf(page: string): { exact: string[]; quantiles: Map<string, number> } {
  const lines = sampleLines(page);
  const isQuantile = (line: string) => line.includes('quantile="');
  const quantiles = lines.filter(isQuantile).map((line) => {
    const end = line.lastIndexOf(' ');
    return [line.slice(0, end), Number(line.slice(end + 1))] as const;
  });
  return { exact: lines.filter((line) => !isQuantile(line)).sort(), quantiles: new Map(quantiles) };
}

/** The exponential buckets of each series, by its labels. */
function nativesOf({ samples }: Pick<FamilySnapshot, 'samples'>): Map<string, NativeHistogram> {
  return new Map(samples.flatMap(({ labels, native }) => (native ? [[JSON.stringify(labels), native]] : [])));
}

/**
 * Expects the merged exponential buckets to have the coarsest resolution and the widest zero bucket of all sources, and
 * to hold what a single source with a fine resolution and no limit recorded. If a source that recorded something has none,
 * or may record at any time, there must be none at all.
 */
async function expectSameNatives(
  merged: Registry,
  single: Metrics,
  alive: readonly Metrics[],
  ended: readonly Metrics[],
) {
  const recorders = [...alive, ...ended];
  const isWhole = [...alive, ...ended.filter(({ native }) => native.seriesCount > 0)].every(
    ({ hasNative }) => hasNative,
  );
  const [family] = (await merged.gather()).filter(({ name }) => name === 'n');
  const [actual, expected] = [nativesOf(family), nativesOf(snapshotOf(single.native))];
  expect([...actual.keys()].sort()).toEqual(isWhole ? [...expected.keys()].sort() : []);
  if (!isWhole) return;
  const shares = recorders.map(({ native }) => nativesOf(snapshotOf(native)));
  for (const [labels, native] of expected) {
    const parts = shares.flatMap((share) => share.get(labels) ?? []);
    const schema = Math.min(...parts.map((part) => part.schema));
    const zeroThreshold = Math.max(...parts.map((part) => part.zeroThreshold));
    expect(actual.get(labels)).toEqual(addNative(native, { ...NOTHING, schema, zeroThreshold }));
  }
}

const NOTHING = { count: 0, sum: 0, zeroCount: 0, positive: [], negative: [], exemplars: [] };

async function expectSamePage(merged: Registry, single: Registry): Promise<void> {
  const [actual, expected] = [linesOf(await merged.metrics()), linesOf(await single.metrics())];
  expect(actual.exact).toEqual(expected.exact);
  expect([...actual.quantiles.keys()].sort()).toEqual([...expected.quantiles.keys()].sort());
  for (const [line, value] of expected.quantiles) {
    const own = actual.quantiles.get(line) ?? Number.NaN;
    if (Number.isNaN(value)) expect(own).toBeNaN();
    else expect(Math.abs(own - value)).toBeLessThanOrEqual(Math.abs(value) * 0.025);
  }
}

/** A registry whose pages include sources, which join and end. */
class Sources<M extends { readonly registry: Registry }> {
  readonly alive: M[];
  readonly ended: M[] = [];
  readonly folded = new EndedSources(['worker']);
  private readonly merged: MergeSource[] = [this.folded];
  private readonly merger: ReturnType<typeof mergeInto>;
  private joined = 0;

  constructor(readonly own: M) {
    this.alive = [own];
    this.merger = mergeInto(own.registry, this.merged);
  }

  /** Number of sources that have ever joined, with the registry's own. */
  get count(): number {
    return this.alive.length + this.ended.length;
  }

  join(metrics: M): void {
    this.joined += 1;
    this.alive.push(metrics);
    this.merged.push(sourceOf(metrics.registry, this.joined));
  }

  /** Ends one of the sources other than the registry's own. */
  end(number: number): void {
    if (this.alive.length === 1) return;
    const at = 1 + (number % (this.alive.length - 1));
    this.ended.push(...this.alive.splice(at, 1));
    const [source] = this.merged.splice(at, 1) as [ReturnType<typeof sourceOf>];
    source.flush();
    source.isAlive = false;
    for (const family of source.families()) this.folded.fold(family, source, [this.merger]);
  }

  one(number: number): M {
    return this.alive[number % this.alive.length];
  }
}

describe('recordings split over several sources', () => {
  test('give the same page as a single source, whatever is removed, reset, joins late or ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 80, size: 'max' }),
        fc.array(fc.nat({ max: 80 }), { maxLength: 7, size: 'max' }),
        fc.array(limit, { minLength: 1, maxLength: 7, size: 'max' }),
        async (operations, joins, limits) => {
          const single = metricsOf(quiet(), { maxBuckets: 0, schema: 8, zeroThreshold: 0 });
          const sources = new Sources(metricsOf(quiet(), limits[0]));
          const { own, alive, ended } = sources;
          const compare = async () => {
            await expectSamePage(own.registry, single.registry);
            await expectSameNatives(own.registry, single, alive, ended);
          };
          for (const [i, one] of operations.entries()) {
            // The limits of the exponential buckets differ, and so does their resolution.
            for (const _ of joins.filter((at) => at === i)) {
              sources.join(metricsOf(quiet(), limits[sources.count % limits.length]));
            }
            if (one.what === 'compare') await compare();
            else if (one.what === 'end') sources.end(one.source);
            else if (one.what === 'count') {
              count(single, one);
              count(sources.one(one.source), one);
            } else {
              for (const metrics of [single, ...alive]) clear(metrics, one);
              for (const metrics of ended) clear(metrics, one.what === 'zero' ? { ...one, what: 'remove' } : one);
              forget(sources.folded, one, own[one.on].name);
            }
          }
          await compare();
        },
      ),
      { numRuns: runs(40) },
    );
  });

  test('give the gauges that each mode makes of the sources, whatever is removed, joins late or ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            what: fc.constantFrom('set', 'set', 'set', 'set', 'remove', 'reset', 'compare', 'end', 'join'),
            source,
            a: text,
            value,
          }),
          { maxLength: 60, size: 'max' },
        ),
        async (operations) => {
          const sources = new Sources(gaugesOf(undefined));
          const { own, alive, ended } = sources;
          let settings = 0;
          const compare = async () => {
            const lines = MODES.flatMap((mode) => expectedLines(mode, alive, ended)).sort();
            expect(sampleLines(await own.registry.metrics()).sort()).toEqual(lines);
          };
          for (const { what, source, a, value } of operations) {
            if (what === 'compare') await compare();
            else if (what === 'join' && sources.count < 8) sources.join(gaugesOf(String(sources.count)));
            else if (what === 'end') sources.end(source);
            else if (what === 'set') {
              const { gauges, series } = sources.one(source);
              for (const gauge of gauges) gauge.set({ a }, value);
              settings += 1;
              series.set(a, { value, order: settings });
            } else if (what === 'remove' || what === 'reset') {
              for (const { gauges, series } of [...alive, ...ended]) {
                for (const gauge of gauges) what === 'reset' ? gauge.reset() : gauge.remove({ a });
                what === 'reset' ? series.clear() : series.delete(a);
              }
              for (const { name } of own.gauges) {
                sources.folded.forget({ family: name, ...(what === 'remove' && { labels: { a } }) });
              }
            }
          }
          await compare();
        },
      ),
      { numRuns: runs(25) },
    );
  });

  test('lose nothing to the overflow series, whose neighbors never fall and are never too many', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            what: fc.constantFrom('count', 'count', 'count', 'count', 'compare', 'end', 'join'),
            source,
            a: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
            value: fc.nat({ max: 100 }),
          }),
          { maxLength: 60, size: 'max' },
        ),
        fc.integer({ min: 1, max: 4 }),
        async (operations, maxSeries) => {
          const make = () => {
            const registry = quiet();
            const registers = [registry];
            return {
              registry,
              counter: new Counter({ name: 'c_total', help: 'C', labelNames: ['a'], maxSeries, registers }),
            };
          };
          const sources = new Sources(make());
          const truth = new Map<string, number>();
          let former = new Map<string, number>();
          const compare = async () => {
            const family = (await sources.own.registry.gather()).find(({ name }) => name === 'c_total');
            const shown = new Map(family?.samples.map(({ labels, value }) => [labels.a, value]));
            const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
            expect(sum(shown.values())).toBe(sum(truth.values()));
            for (const [a, value] of former) expect(shown.get(a)).toBeGreaterThanOrEqual(value);
            former = new Map(shown);
            shown.delete('__overflow__');
            expect(shown.size).toBeLessThanOrEqual(maxSeries);
            for (const [a, value] of shown) expect(value).toBeLessThanOrEqual(truth.get(a) ?? -1);
          };
          for (const { what, source, a, value } of operations) {
            if (what === 'compare') await compare();
            else if (what === 'join' && sources.count < 8) sources.join(make());
            else if (what === 'end') sources.end(source);
            else if (what === 'count') {
              sources.one(source).counter.inc({ a }, value);
              truth.set(a, (truth.get(a) ?? 0) + value);
            }
          }
          await compare();
        },
      ),
      { numRuns: runs(40) },
    );
  });
});

/** A gauge of each mode, and what they were set to. */
function gaugesOf(worker: string | undefined) {
  const registry = quiet();
  const registers = [registry];
  const gauges = MODES.map((aggregate) => {
    return new Gauge({ name: `g_${aggregate}`, help: 'G', labelNames: ['a'], aggregate, registers });
  });
  const series = new Map<string, { readonly value: number; readonly order: number }>();
  return { registry, worker, gauges, series };
}

type Gauges = ReturnType<typeof gaugesOf>;

/** The lines that a mode should give. */
function expectedLines(mode: GaugeMerge, alive: readonly Gauges[], ended: readonly Gauges[]): string[] {
  const by = mode.replace('live', '');
  const all = (mode.startsWith('live') ? alive : [...alive, ...ended]).flatMap(({ worker, series }) => {
    return [...series].map(([a, { value, order }]) => ({ worker, a, value, order }));
  });
  const line = (a: string, worker: string | undefined, value: number) => {
    const labels = [
      `a="${a.replace(/["\\]/g, '\\$&').replace('\n', '\\n')}"`,
      ...(worker ? [`worker="${worker}"`] : []),
    ];
    return `g_${mode}${a === '' && worker === undefined ? '' : `{${(a === '' ? labels.slice(1) : labels).join(',')}}`} ${value}`;
  };
  if (by === 'all') return all.map(({ a, worker, value }) => line(a, worker, value));
  return [...new Set(all.map(({ a }) => a))].map((a) => {
    const own = all.filter((one) => one.a === a);
    const values = own.map(({ value }) => value);
    if (by === 'sum')
      return line(
        a,
        undefined,
        values.reduce((x, y) => x + y),
      );
    if (by === 'min') return line(a, undefined, Math.min(...values));
    if (by === 'max') return line(a, undefined, Math.max(...values));
    return line(a, undefined, own.reduce((x, y) => (x.order > y.order ? x : y)).value);
  });
}

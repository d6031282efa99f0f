import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Counter, Histogram, type MetricsServer, type NativeOptions, Registry, startHttpServer } from 'promark';
import { describeWith } from '../support/required-programs.js';
import { type Prometheus, startPrometheus } from './prometheus.js';
import type { StoredHistogram } from './prometheus-api.js';
import { logNormals } from './random.js';
import { type HandledPage, serveHandler } from './serve-handler.js';

const THRESHOLD = 0.001;
const ranks = [0.01, 0.1, 0.5, 0.9, 0.99];

/** Values of both signs, some in the zero bucket. */
const signed = [...logNormals(3000, 1).map((value, i) => (i % 3 === 0 ? -value : value)), 0, 0.0005, -0.0005];
const positive = logNormals(3000, 2);

const cases: Record<string, { native: NativeOptions; observed: readonly number[]; buckets?: readonly number[] }> = {
  positive: { native: { factor: 1.1, maxBuckets: 0 }, observed: positive },
  signed: { native: { factor: 1.1, maxBuckets: 0, zeroThreshold: THRESHOLD }, observed: signed },
  halved: { native: { factor: 1.1, maxBuckets: 50 }, observed: positive },
  halved_signed: { native: { factor: 1.1, maxBuckets: 50, zeroThreshold: THRESHOLD }, observed: signed },
  both: { native: { factor: 1.1, maxBuckets: 0 }, observed: positive, buckets: [0.5, 1, 5] },
};

function sampleRegistry(): Registry {
  const registry = new Registry();
  const registers = [registry];
  for (const [name, { native, observed, buckets = false }] of Object.entries(cases)) {
    const histogram = new Histogram({ name, help: name, native, buckets, registers, labelNames: ['a'] as const });
    const child = histogram.labels('x');
    for (const value of observed) child.observe(value);
  }
  const traced = { help: 'Traced', registers, enableExemplars: true };
  const native = new Histogram({ name: 'traced_native', native: true, buckets: false, ...traced });
  native.observe(0.3, { trace_id: 'n1' });
  for (const name of ['traced_both', 'traced_classic']) {
    const buckets = new Histogram({ name, native: name.endsWith('both'), buckets: [1, 10], ...traced });
    buckets.observe(0.3, { trace_id: 'b1' });
    buckets.observe({ value: 5, exemplarLabels: { trace_id: 'b2', span_id: 's' } });
  }
  new Counter({ name: 'traced_total', ...traced }).inc(2, { trace_id: 'c1' });
  return registry;
}

/** The observations between two bounds, of which the one further from 0 is inclusive; both are for the zero bucket. */
function countBetween(observed: readonly number[], lower: number, upper: number): number {
  return observed.filter((value) => {
    if (lower < 0 && upper > 0) return value >= lower && value <= upper;
    return lower >= 0 ? value > lower && value <= upper : value >= lower && value < upper;
  }).length;
}

describeWith(['prometheus'], 'Prometheus with native histograms', () => {
  let page: HandledPage;
  let server: MetricsServer;
  let prometheus: Prometheus;

  beforeAll(async () => {
    const registry = sampleRegistry();
    page = await serveHandler(registry);
    server = await startHttpServer({ port: 0, host: '127.0.0.1', registry });
    prometheus = await startPrometheus({ handler: page.url, server: server.url }, [
      'exemplar-storage',
      'native-histograms',
    ]);
    await prometheus.api.untilScraped('handler');
    await prometheus.api.untilScraped('server');
  });

  afterAll(async () => {
    await prometheus?.stop();
    await Promise.all([page?.close(), server?.close()]);
  });

  test('asks for protobuf and gzip, and gets both', () => {
    expect(page.answers[0]).toMatchObject({
      'Content-Type':
        'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores',
      'Content-Encoding': 'gzip',
    });
  });

  describe.each(['handler', 'server'])('stores from the %s', (job) => {
    test.each(Object.entries(cases))('the histogram %s as it was observed', async (name, { observed }) => {
      const selector = `${name}{job="${job}",a="x"}`;
      const sum = observed.reduce((total, value) => total + value, 0);
      expect(await prometheus.api.value(`histogram_count(${selector})`)).toBe(observed.length);
      expect(await prometheus.api.value(`histogram_sum(${selector})`)).toBe(sum);
      const stored = (await prometheus.api.histogram(selector)) as StoredHistogram;
      expect([stored.count, stored.sum]).toEqual([observed.length, sum]);
      const recounted = stored.buckets.map(({ lower, upper }) => countBetween(observed, lower, upper));
      expect(stored.buckets.map(({ count }) => count)).toEqual(recounted);
      expect(recounted.reduce((total, count) => total + count, 0)).toBe(observed.length);
    });

    test.each(Object.entries(cases))('%s in buckets no wider than the factor, or than the limit asks', async (name) => {
      const { buckets } = (await prometheus.api.histogram(`${name}{job="${job}"}`)) as StoredHistogram;
      const widths = buckets.filter(({ lower }) => lower > 0).map(({ lower, upper }) => upper / lower);
      const widest = Math.max(...widths);
      if (name.startsWith('halved')) {
        expect(buckets.length).toBeLessThanOrEqual(50);
        expect([2 ** (1 / 4), 2 ** (1 / 2), 2].some((factor) => Math.abs(widest - factor) < 1e-9)).toBe(true);
      } else expect(widest).toBeLessThanOrEqual(1.1);
    });

    test.each(Object.entries(cases))('quantiles of %s that match the raw observations', async (name, { observed }) => {
      const sorted = [...observed].sort((a, b) => a - b);
      const { buckets } = (await prometheus.api.histogram(`${name}{job="${job}"}`)) as StoredHistogram;
      for (const rank of ranks) {
        const quantile = (await prometheus.api.value(`histogram_quantile(${rank}, ${name}{job="${job}"})`)) as number;
        const raw = sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] as number;
        // Prometheus knows the bucket of an observation, but not where in the bucket it was.
        const bucket = buckets.find(({ lower, upper }) => raw >= lower && raw <= upper);
        expect(quantile).toBeGreaterThanOrEqual(bucket?.lower ?? Number.NaN);
        expect(quantile).toBeLessThanOrEqual(bucket?.upper ?? Number.NaN);
      }
    });

    test('exemplars of counters, of classic buckets and of a native histogram', async () => {
      const exemplars = async (selector: string) =>
        (await prometheus.api.exemplars(`${selector}{job="${job}"}`)).flatMap((series) =>
          series.exemplars.map(({ labels, value }) => [labels, Number(value)]),
        );
      expect(await exemplars('traced_total')).toEqual([[{ trace_id: 'c1' }, 2]]);
      expect(await exemplars('traced_native')).toEqual([[{ trace_id: 'n1' }, 0.3]]);
      // Prometheus takes only the first exemplar of a native histogram up to 2.45 (prometheus#12553).
      expect(await exemplars('traced_both')).toEqual([[{ trace_id: 'b1' }, 0.3]]);
      expect(await exemplars('traced_classic_bucket')).toEqual([
        [{ trace_id: 'b1' }, 0.3],
        [{ trace_id: 'b2', span_id: 's' }, 5],
      ]);
    });
  });
});

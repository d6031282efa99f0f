import { load } from '../harness/clients.mjs';
import { random } from '../harness/loop.mjs';

const RANKS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];
const NATIVES = { native: { factor: 1.1 }, fine: { schema: 5, maxBuckets: 640 } };
const SHAPES = { logNormal: 'log-normal', bimodal: 'bimodal', heavyTailed: 'heavy-tailed' };

const error = (shape, of, what) => ({
  work: `${what}: worst error of a quantile, ${SHAPES[shape]} data`,
  value: `${of}_${shape}`,
  unit: '%',
  against: 'own',
  limit: `tdigest_${shape}`,
});

/**
 * The worst error of quantiles compared with those of the sorted data: those that Prometheus computes from native
 * buckets, and those of promark's summary, next to the t-digest of prom-client's summary.
 */
export default {
  name: 'native-error',
  rows: Object.keys(SHAPES).flatMap((shape) => [
    error(shape, 'native', 'native histogram, factor 1.1'),
    error(shape, 'fine', 'native histogram, schema 5'),
    error(shape, 'summary', 'summary'),
  ]),
  work: { promark: errorsOf },
};

async function errorsOf({ quick }) {
  const [client, peer] = [await load('promark'), await load('prom-client')];
  const { nativeUpperBound } = await import('promark');
  const count = quick ? 2_000 : 50_000;
  const errors = {};
  for (const [shape, draw] of Object.entries(shapes(random(7)))) {
    const data = Float64Array.from({ length: count }, draw);
    const config = (name) => ({ name, help: name, registers: [] });
    const summaries = {
      summary: new client.Summary({ ...config('summary'), percentiles: RANKS }),
      tdigest: new peer.Summary({ ...config('tdigest'), percentiles: RANKS }),
    };
    const natives = Object.fromEntries(
      Object.entries(NATIVES).map(([name, native]) => {
        return [name, new client.Histogram({ ...config(name), native, buckets: false })];
      }),
    );
    for (const metric of [...Object.values(summaries), ...Object.values(natives)]) {
      for (const value of data) metric.observe(value);
    }
    data.sort();
    const worst = (quantile) => Math.max(...RANKS.map((rank) => errorAt(rank, data, quantile(rank))));
    for (const [name, metric] of Object.entries(summaries)) {
      const { values } = await metric.get();
      errors[`${name}_${shape}`] = worst((rank) => values.find(({ labels }) => labels.quantile === rank).value);
    }
    for (const [name, metric] of Object.entries(natives)) {
      const { native } = (await metric.get()).values.find((value) => value.native !== undefined);
      errors[`${name}_${shape}`] = worst((rank) => histogramQuantile(rank, native, nativeUpperBound));
    }
  }
  return errors;
}

function shapes(next) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    logNormal: () => 0.03 * Math.exp(normal()),
    bimodal: () => (next() < 0.8 ? 0.002 : 1.5) * Math.exp(0.1 * normal()),
    heavyTailed: () => 0.001 * (1 - next()) ** (-1 / 1.2),
  };
}

/** What Prometheus 2 computes from the buckets: linear interpolation between their bounds. */
function histogramQuantile(rank, { schema, count, positive }, bound) {
  const wanted = rank * count;
  let seen = 0;
  for (const { index, count: own } of positive) {
    if (seen + own >= wanted) {
      const [lower, upper] = [bound(schema, index - 1), bound(schema, index)];
      return lower + ((upper - lower) * (wanted - seen)) / own;
    }
    seen += own;
  }
  return Number.NaN;
}

function errorAt(rank, sorted, value) {
  const exact = sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)];
  return (100 * Math.abs(value - exact)) / exact;
}

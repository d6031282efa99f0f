import { ofClients } from '../harness/clients.mjs';
import { random } from '../harness/loop.mjs';

const RANKS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

/** The worst error of a summary's quantiles, compared with those of the sorted data. */
export default {
  name: 'summary-error',
  rows: [
    { work: 'summary: worst relative error of a quantile', value: 'worst', unit: '%', against: 'itself', atMost: 1.1 },
  ],
  work: ofClients(errorsOf),
};

async function errorsOf(client, { quick }) {
  const count = quick ? 2_000 : 50_000;
  const errors = {};
  for (const [name, draw] of Object.entries(shapes(random(7)))) {
    const summary = new client.Summary({
      name: `${name}_seconds`,
      help: name,
      percentiles: RANKS,
      maxAgeSeconds: 600,
      ageBuckets: 5,
      registers: [],
    });
    const data = Float64Array.from({ length: count }, draw);
    for (const value of data) summary.observe(value);
    data.sort();
    const { values } = await summary.get();
    errors[name] = Math.max(...RANKS.map((rank) => errorAt(rank, data, values)));
  }
  return { ...errors, worst: Math.max(...Object.values(errors)) };
}

/** Data that resembles durations and sizes, and harder distributions. */
function shapes(next) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    uniform: () => 0.001 + next(),
    logNormal: () => 0.03 * Math.exp(normal()),
    pareto: () => 0.001 * (1 - next()) ** (-1 / 1.2),
    twoPeaks: () => (next() < 0.8 ? 0.002 : 1.5) * Math.exp(0.1 * normal()),
    bytes: () => Math.ceil(1024 * Math.exp(3 * normal())),
    tiny: () => 1e-9 * (1 + next()),
  };
}

function errorAt(rank, sorted, values) {
  const exact = sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)];
  const { value } = values.find(({ labels }) => labels.quantile === rank);
  return (100 * Math.abs(value - exact)) / exact;
}

import { countShared, inUse } from '../core/memory.mjs';
import { ofClients, warm } from '../harness/clients.mjs';
import { random } from '../harness/loop.mjs';
import { BUCKETS, durations, LABEL_NAMES, methodOf, routeOf, statusOf } from '../harness/traffic.mjs';

const FAMILIES = 10;
/** Observations per series. */
const OBSERVED = 100;

/** Durations that fall into 20 neighboring buckets of factor 1.1, of which there are eight for each doubling. */
const TWENTY = Float64Array.from({ length: 20 }, (_, i) => 2 ** ((i + 0.5) / 8 - 7));

/** The peers' metrics for the same purpose. */
const RIVALS = {
  summary: {
    work: 'a summary',
    share: 0.5,
    make: (client, name, more) => new client.Summary({ name: `${name}_quantiles`, ...more }),
  },
  classic: {
    work: 'a histogram of 12 buckets, 20 exponential ones filled',
    share: 2,
    values: TWENTY,
    make: (client, name, more) => new client.Histogram({ name: `${name}_seconds`, buckets: BUCKETS, ...more }),
  },
};

const makeNative = (client, name, more) =>
  new client.Histogram({ name: `${name}_seconds`, native: { factor: 1.1 }, buckets: false, ...more });

/** A native histogram of factor 1.1 after a hundred durations, next to one of the peers' metrics. */
const memory = ([name, { work, share, make, values = durations(random(5)) }]) => ({
  name: `native-memory-${name}`,
  flags: ['--expose-gc'],
  slow: true,
  rows: [
    {
      work: `memory of a native histogram, compared with ${work}`,
      value: 'series',
      unit: 'bytes',
      against: 'peers',
      atMost: share,
    },
    { work: `promark's own: ${work}`, value: 'own', unit: 'bytes', against: 'itself' },
  ],
  work: ofClients(async (client, { quick }) => {
    countShared();
    await warm(client);
    const series = quick ? 500 : 5_000;
    if (client.name !== 'promark') return { series: await bytesOf(client, make, series, values) };
    return {
      series: await bytesOf(client, makeNative, series, values),
      own: await bytesOf(client, make, series, values),
    };
  }),
});

export default Object.entries(RIVALS).map(memory);

/** Keeps objects, so that nothing is freed while others are counted. */
const kept = [];

async function bytesOf(client, make, series, values) {
  const registry = new client.Registry();
  kept.push(registry);
  const common = { help: 'H', labelNames: LABEL_NAMES, maxSeries: 0, registers: [registry] };
  const families = Array.from({ length: FAMILIES }, (_, i) => make(client, `family_${i}`, common));
  const before = await inUse();
  for (let i = 0; i < series; i++) {
    const place = Math.floor(i / FAMILIES);
    const labels = { method: methodOf(place), route: routeOf(place), status: statusOf(place) };
    for (let j = 0; j < OBSERVED; j++) families[i % FAMILIES].observe(labels, values[(i * 7 + j) % values.length]);
  }
  const after = await inUse();
  return (after - before) / series;
}

import { load, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall, random } from '../harness/loop.mjs';
import { BUCKETS, durations, LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** Native histograms next to classic ones with 12 buckets, both promark's. */
export default {
  name: 'native-observe',
  rows: [
    {
      work: 'native `observe(v)`, no labels',
      value: 'native',
      unit: 'ns',
      against: 'own',
      limit: 'classic',
      atMost: 2.5,
    },
    {
      work: 'native, bound child `observe(v)`',
      value: 'nativeChild',
      unit: 'ns',
      against: 'own',
      limit: 'classicChild',
      atMost: 2.5,
    },
    { work: 'native and classic at once', value: 'both', unit: 'ns', against: 'own', limit: 'classic' },
    { work: 'native of schema 8', value: 'fine', unit: 'ns', against: 'own', limit: 'classic' },
  ],
  work: { promark: observations },
};

async function observations(options) {
  const client = await load('promark');
  await warm(client);
  const registers = [new client.Registry()];
  const kinds = {
    classic: { buckets: BUCKETS },
    native: { native: { factor: 1.1 }, buckets: false },
    both: { native: { factor: 1.1 }, buckets: BUCKETS },
    fine: { native: { schema: 8, maxBuckets: 0 }, buckets: false },
  };
  const values = durations(random());
  const mask = values.length - 1;
  const took = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const histogram = new client.Histogram({ name: `${name}_seconds`, help: 'H', registers, ...kind });
    let calls = 0;
    took[name] = nanosecondsPerCall((n) => {
      for (let i = 0; i < n; i++) histogram.observe(values[i & mask]);
      calls += n;
    }, options);
    const count = (await histogram.get()).values.find(({ metricName }) => metricName?.endsWith('_count'));
    check(count?.value === calls && (count.native?.count ?? calls) === calls, 'observations are missing');
    const common = { help: 'H', labelNames: LABEL_NAMES, registers };
    const labelled = new client.Histogram({ name: `${name}_labelled_seconds`, ...common, ...kind });
    const bound = methods.map((method, i) => labelled.labels(method, routes[i], statuses[i]));
    took[`${name}Child`] = nanosecondsPerCall((n) => {
      for (let i = 0; i < n; i++) bound[i & (SETS - 1)].observe(values[i & mask]);
    }, options);
  }
  return took;
}

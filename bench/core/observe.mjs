import { ofClients, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall, random } from '../harness/loop.mjs';
import { BUCKETS, durations, LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** A histogram of 12 buckets, without labels and with three. */
export default {
  name: 'observe',
  rows: [
    { work: 'histogram `observe(v)`, no labels', value: 'bare', unit: 'ns', against: 'peers', atLeast: 25 },
    {
      work: 'histogram `observe(v)`, no labels, against a bound child',
      value: 'bare',
      unit: 'ns',
      against: 'own',
      limit: 'child',
      atMost: 1.4,
    },
    { work: 'histogram, bound child `observe(v)`', value: 'child', unit: 'ns', against: 'peers' },
  ],
  work: ofClients(observations),
};

async function observations(client, options) {
  await warm(client);
  const registers = [new client.Registry()];
  const common = { help: 'H', buckets: BUCKETS, registers };
  const plain = new client.Histogram({ name: 'plain_seconds', ...common });
  const labeled = new client.Histogram({ name: 'labeled_seconds', labelNames: LABEL_NAMES, ...common });
  const values = durations(random());
  const mask = values.length - 1;
  let calls = 0;
  const bare = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) plain.observe(values[i & mask]);
    calls += n;
  }, options);
  await checkCount(plain, calls);
  const bound = methods.map((method, i) => labeled.labels(method, routes[i], statuses[i]));
  const child = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) bound[i & (SETS - 1)].observe(values[i & mask]);
  }, options);
  return { bare, child };
}

async function checkCount(histogram, calls) {
  const counts = (await histogram.get()).values.filter(({ metricName }) => metricName?.endsWith('_count'));
  check(counts.reduce((sum, { value }) => sum + value, 0) === calls, 'observations are missing');
}

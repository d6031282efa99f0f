import { ofClients, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall, random } from '../harness/loop.mjs';
import { durations, LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** A summary whose window of ten minutes moves in five steps. */
export default {
  name: 'summary',
  rows: [
    { work: 'windowed summary `observe(v)`', value: 'bare', unit: 'ns', against: 'peers', atLeast: 50 },
    { work: 'windowed summary, bound child `observe(v)`', value: 'child', unit: 'ns', against: 'peers' },
  ],
  work: ofClients(observations),
};

async function observations(client, options) {
  await warm(client);
  const registers = [new client.Registry()];
  const common = { help: 'S', percentiles: [0.5, 0.9, 0.99], maxAgeSeconds: 600, ageBuckets: 5, registers };
  const plain = new client.Summary({ name: 'plain_seconds', ...common });
  const labeled = new client.Summary({ name: 'labeled_seconds', labelNames: LABEL_NAMES, ...common });
  const values = durations(random());
  const mask = values.length - 1;
  let calls = 0;
  const bare = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) plain.observe(values[i & mask]);
    calls += n;
  }, options);
  const count = (await plain.get()).values.find(({ metricName }) => metricName?.endsWith('_count'));
  check(count?.value === calls, 'observations are missing');
  const bound = methods.map((method, i) => labeled.labels(method, routes[i], statuses[i]));
  const child = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) bound[i & (SETS - 1)].observe(values[i & mask]);
  }, options);
  return { bare, child };
}

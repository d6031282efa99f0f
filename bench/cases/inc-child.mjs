import { load, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall } from '../harness/loop.mjs';
import { LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** `inc()` on children that were looked up once, beside the addition that is at the bottom of it. */
export default {
  name: 'inc-child',
  contenders: ['limit', 'promark', '@prometheus-io/client', 'prom-client'],
  rows: [
    { work: 'bound child `inc()`', value: 'inc', unit: 'ns', against: 'limit', atMost: 2.5 },
    { work: 'bound child `inc()`', value: 'inc', unit: 'ns', against: 'peers', atLeast: 50 },
    { work: 'bound child `inc(v)`', value: 'incBy', unit: 'ns', against: 'limit' },
  ],
  async run(contender, options) {
    return contender === 'limit' ? bareLoop(options) : children(await load(contender), options);
  },
};

function bareLoop(options) {
  const cells = new Float64Array(SETS);
  const amounts = Float64Array.from({ length: SETS }, (_, i) => i + 1);
  let calls = 0;
  const inc = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) cells[i & (SETS - 1)] += 1;
    calls += n;
  }, options);
  check(cells.reduce((sum, cell) => sum + cell) === calls, 'cells were left out');
  const incBy = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) cells[i & (SETS - 1)] += amounts[i & (SETS - 1)];
  }, options);
  return { inc, incBy };
}

async function children(client, options) {
  await warm(client);
  const registry = new client.Registry();
  const counter = new client.Counter({ name: 'c_total', help: 'C', labelNames: LABEL_NAMES, registers: [registry] });
  const bound = methods.map((method, i) => counter.labels(method, routes[i], statuses[i]));
  const amounts = Float64Array.from({ length: SETS }, (_, i) => i + 1);
  let calls = 0;
  const inc = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) bound[i & (SETS - 1)].inc();
    calls += n;
  }, options);
  const { values } = await counter.get();
  check(values.reduce((sum, { value }) => sum + value, 0) === calls, 'increments are missing');
  const incBy = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) bound[i & (SETS - 1)].inc(amounts[i & (SETS - 1)]);
  }, options);
  return { inc, incBy };
}

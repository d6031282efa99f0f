import { ofClients, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall } from '../harness/loop.mjs';
import { LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** `inc()` on children looked up once, compared with the bare addition. */
export default {
  name: 'inc-child',
  rows: [
    { work: 'bound child `inc()`, 64 in turn', value: 'inc', unit: 'ns', against: 'limit', atMost: 2.5 },
    { work: 'bound child `inc()`, 64 in turn', value: 'inc', unit: 'ns', against: 'peers', atLeast: 50 },
    { work: 'bound child `inc(v)`, 64 in turn', value: 'incBy', unit: 'ns', against: 'limit' },
    { work: 'one bound child, again and again', value: 'same', unit: 'ns', against: 'limit', atMost: 2.5 },
  ],
  work: { limit: bareLoop, ...ofClients(children) },
  limit: 'an addition to a cell',
};

/** The index of each cell is read from an array, just like the children. */
function bareLoop(options) {
  const cells = new Float64Array(SETS);
  const places = Array.from({ length: SETS }, (_, i) => (i * 7) % SETS);
  let calls = 0;
  const inc = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) cells[places[i & (SETS - 1)]] += 1;
    calls += n;
  }, options);
  check(cells.reduce((sum, cell) => sum + cell) === calls, 'cells were skipped');
  let amount = 1;
  const incBy = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) cells[places[i & (SETS - 1)]] += amount;
    amount += 1;
  }, options);
  const place = places[5];
  const same = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) cells[place] += 1;
  }, options);
  return { inc, incBy, same };
}

async function children(client, options) {
  await warm(client);
  const registry = new client.Registry();
  const counter = new client.Counter({ name: 'c_total', help: 'C', labelNames: LABEL_NAMES, registers: [registry] });
  const bound = methods.map((method, i) => counter.labels(method, routes[i], statuses[i]));
  let calls = 0;
  const inc = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) bound[i & (SETS - 1)].inc();
    calls += n;
  }, options);
  const { values } = await counter.get();
  check(values.reduce((sum, { value }) => sum + value, 0) === calls, 'increments are missing');
  let amount = 1;
  const incBy = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) bound[i & (SETS - 1)].inc(amount);
    amount += 1;
  }, options);
  const one = bound[5];
  const same = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) one.inc();
  }, options);
  return { inc, incBy, same };
}

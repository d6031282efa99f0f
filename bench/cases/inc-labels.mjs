import { CLIENTS, load, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall } from '../harness/loop.mjs';
import { LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** Finding a series by three labels and adding 1, in both ways of writing it. */
export default {
  name: 'inc-labels',
  contenders: CLIENTS,
  rows: [
    { work: '`labels(a, b, c).inc()`', value: 'positional', unit: 'ns', against: 'peers', atLeast: 10 },
    { work: '`inc({ a, b, c })`', value: 'object', unit: 'ns', against: 'peers', atLeast: 6 },
  ],
  async run(contender, options) {
    const client = await load(contender);
    await warm(client);
    const registry = new client.Registry();
    const counter = new client.Counter({ name: 'c_total', help: 'C', labelNames: LABEL_NAMES, registers: [registry] });
    let calls = 0;
    const positional = nanosecondsPerCall((n) => {
      for (let i = 0; i < n; i++) {
        const set = i & (SETS - 1);
        counter.labels(methods[set], routes[set], statuses[set]).inc();
      }
      calls += n;
    }, options);
    const object = nanosecondsPerCall((n) => {
      for (let i = 0; i < n; i++) {
        const set = i & (SETS - 1);
        counter.inc({ method: methods[set], route: routes[set], status: statuses[set] });
      }
      calls += n;
    }, options);
    const { values } = await counter.get();
    check(values.length === SETS, 'series are missing');
    check(values.reduce((sum, { value }) => sum + value, 0) === calls, 'increments are missing');
    return { positional, object };
  },
};

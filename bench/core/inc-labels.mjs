import { ofClients, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall } from '../harness/loop.mjs';
import { LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** Finding a series by three labels and adding 1, in both ways of writing it. */
export default {
  name: 'inc-labels',
  rows: [
    { work: '`labels(a, b, c).inc()`', value: 'positional', unit: 'ns', against: 'peers', atLeast: 10 },
    { work: '`labels(a, b, c).inc()`', value: 'positional', unit: 'ns', against: 'limit' },
    { work: '`inc({ a, b, c })`', value: 'object', unit: 'ns', against: 'peers', atLeast: 6 },
    { work: '`inc({ a, b, c })`', value: 'object', unit: 'ns', against: 'limit' },
  ],
  work: { limit: lookups, ...ofClients(increments) },
  limit: 'three Map.get and an addition',
};

async function increments(client, options) {
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
}

/**
 * What finding a series by three label values takes at least: the strings have to be looked at whatever is done with
 * them, and a Map is the only thing that hashes them natively. The cells of all combinations lie side by side.
 */
function lookups(options) {
  const [first, second, third] = [methods, routes, statuses].map(
    (values) => new Map([...new Set(values)].map((value, i) => [value, i])),
  );
  const [width, depth] = [second.size * third.size, third.size];
  const cells = new Float64Array(first.size * width);
  const add = (a, b, c) => {
    cells[first.get(a) * width + second.get(b) * depth + third.get(c)] += 1;
  };
  let calls = 0;
  const throughRest = (...values) => add(values[0], values[1], values[2]);
  const positional = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) {
      const set = i & (SETS - 1);
      throughRest(methods[set], routes[set], statuses[set]);
    }
    calls += n;
  }, options);
  // As strict as it has to be: every label there, and no other.
  const throughObject = (labels) => {
    const values = ['', '', ''];
    let next = 0;
    for (const label in labels) {
      if (label !== LABEL_NAMES[next]) throw new Error(label);
      values[next++] = labels[label];
    }
    add(values[0], values[1], values[2]);
  };
  const object = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) {
      const set = i & (SETS - 1);
      throughObject({ method: methods[set], route: routes[set], status: statuses[set] });
    }
    calls += n;
  }, options);
  check(cells.reduce((sum, cell) => sum + cell) === calls, 'increments are missing');
  return { positional, object };
}

import { random } from '../harness/loop.mjs';
import { BUCKETS, durations, LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** Label values as objects that are kept, so that the caller's own allocations do not count. */
const objects = methods.map((method, i) => ({ method, route: routes[i], status: statuses[i] }));

/**
 * Durations in an array that stores numbers as objects: reading a fraction from another kind of array allocates, and so
 * does passing it to a function.
 */
const values = ['no number', ...durations(random())].slice(1);

/** The metric types: how to create a metric, and its recording call, with labels before the value. */
export const TYPES = {
  counter: { make: (client, more) => new client.Counter({ name: 'c_total', ...more }), call: 'inc', value: '1' },
  gauge: { make: (client, more) => new client.Gauge({ name: 'g', ...more }), call: 'set' },
  histogram: {
    make: (client, more) => new client.Histogram({ name: 'h_seconds', buckets: BUCKETS, ...more }),
    call: 'observe',
  },
  'native-histogram': {
    make: (client, more) => new client.Histogram({ name: 'n_seconds', native: true, buckets: false, ...more }),
    call: 'observe',
    own: true,
  },
  summary: {
    make: (client, more) => new client.Summary({ name: 's_seconds', maxAgeSeconds: 600, ...more }),
    call: 'observe',
  },
  'state-set': {
    make: (client, more) => new client.StateSet({ name: 'task_state', states: ['on', 'off'], ...more }),
    call: 'state',
    value: "i & 1 ? 'on' : 'off'",
    own: true,
  },
};

/** The ways of calling. `code` receives the recording call and its value. */
export const FORMS = {
  bare: { work: '{call}(v), no labels', code: (call, value) => `plain.${call}(${value})` },
  child: { work: '{call}(v) of a bound child', code: (call, value) => `children[set].${call}(${value})` },
  positional: {
    work: 'labels(a, b, c).{call}(v)',
    code: (call, value) => `labeled.labels(methods[set], routes[set], statuses[set]).${call}(${value})`,
  },
  object: {
    work: '{call}(labels, v), a kept object',
    code: (call, value) => `labeled.${call}(objects[set], ${value})`,
  },
  literal: {
    work: '{call}({ a, b, c }, v)',
    code: (call, value) =>
      `labeled.${call}({ method: methods[set], route: routes[set], status: statuses[set] }, ${value})`,
  },
  curried: {
    work: 'curry({ a, b }).{call}({ c }, v), a kept object',
    code: (call, value) => `curried[set].${call}(rest[set], ${value})`,
    needs: 'curry',
  },
};

/** Returns a loop for each form that the client supports: `loops.bare(n)` makes n calls. */
export function loopsOf(client, { make, call, value = 'values[i & 1023]' }) {
  const registry = new client.Registry();
  const common = { help: 'Help', registers: [registry] };
  const plain = make(client, common);
  const labeled = make(client, { ...common, labelNames: LABEL_NAMES, registers: [] });
  const curried =
    typeof labeled.curry === 'function'
      ? methods.map((method, i) => labeled.curry({ method, route: routes[i] }))
      : undefined;
  const parts = {
    plain,
    labeled,
    children: methods.map((method, i) => labeled.labels(method, routes[i], statuses[i])),
    curried,
    rest: statuses.map((status) => ({ status })),
    values,
    objects,
    methods,
    routes,
    statuses,
  };
  const loops = {};
  for (const [name, { code, needs }] of Object.entries(FORMS)) {
    if (needs !== undefined && typeof labeled[needs] !== 'function') continue;
    loops[name] = compiled(code(call, value), parts);
  }
  return loops;
}

/** The cost of the forms for the caller: an object, if each call needs a new one. */
export function leastLoops() {
  const parts = { kept: [...objects], methods, routes, statuses, objects };
  const literal = 'kept[set] = { method: methods[set], route: routes[set], status: statuses[set] }';
  const entries = Object.keys(FORMS).map((name) => [
    name,
    compiled(name === 'literal' ? literal : 'kept[set] = objects[set]', parts),
  ]);
  return Object.fromEntries(entries);
}

/** Each loop has its own code, so that none is specialized for what another has seen. */
export function compiled(body, parts) {
  const loop = `return (n) => { for (let i = 0; i < n; i++) { const set = i & ${SETS - 1}; ${body}; } }`;
  return new Function(...Object.keys(parts), loop)(...Object.values(parts));
}

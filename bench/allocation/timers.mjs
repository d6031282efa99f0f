import { BUCKETS, LABEL_NAMES, methods, routes, statuses } from '../harness/traffic.mjs';
import { compiled } from './forms.mjs';

/** The ways of using a timer. */
export const TIMERS = {
  plain: { work: 'histogram, startTimer()()', code: 'plain.startTimer()()' },
  child: { work: 'histogram, bound child, startTimer()()', code: 'children[set].startTimer()()' },
  labels: { work: 'histogram, startTimer(labels)()', code: 'labeled.startTimer(objects[set])()' },
  late: { work: 'histogram, startTimer({ a, b })({ c })', code: 'labeled.startTimer(first[set])(rest[set])' },
  summary: { work: 'summary, startTimer()()', code: 'summary.startTimer()()' },
  gauge: { work: 'gauge, startTimer()()', code: 'gauge.startTimer()()' },
};

/** The minimum that a timer allocates: two clock readings are fractional numbers. */
export const LEAST = 'const start = performance.now(); plain.observe((performance.now() - start) / 1000)';

export function timersOf(client) {
  const common = { help: 'Help', registers: [new client.Registry()] };
  const labeled = new client.Histogram({ name: 'l_seconds', buckets: BUCKETS, labelNames: LABEL_NAMES, ...common });
  return {
    plain: new client.Histogram({ name: 'h_seconds', buckets: BUCKETS, ...common }),
    labeled,
    summary: new client.Summary({ name: 's_seconds', maxAgeSeconds: 600, ...common }),
    gauge: new client.Gauge({ name: 'g_seconds', ...common }),
    children: methods.map((method, i) => labeled.labels(method, routes[i], statuses[i])),
    objects: methods.map((method, i) => ({ method, route: routes[i], status: statuses[i] })),
    first: methods.map((method, i) => ({ method, route: routes[i] })),
    rest: statuses.map((status) => ({ status })),
  };
}

export function timerLoops(client) {
  const parts = timersOf(client);
  return Object.fromEntries(Object.entries(TIMERS).map(([name, { code }]) => [name, compiled(code, parts)]));
}

export const leastTimer = (client) => compiled(LEAST, timersOf(client));

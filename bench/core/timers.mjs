import { ofClients, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall } from '../harness/loop.mjs';
import { BUCKETS, LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** The comparisons with peers, and their targets. */
const WAYS = {
  histogram: ['histogram `startTimer()()`', { 20: 3, 26: 2 }],
  summary: ['summary `startTimer()()`', 3],
  child: ['histogram, bound child `startTimer()()`', 3],
  labeled: ['histogram `startTimer({ a, b, c })()`', 3],
  late: ['histogram `startTimer({ a, b })({ c })`', 2.5],
};

/** Timers that are started and stopped immediately. Most of the time goes to two clock readings. */
export default {
  name: 'timers',
  rows: [
    ...Object.entries(WAYS).map(([value, [work, atLeast]]) => ({ work, value, unit: 'ns', against: 'peers', atLeast })),
    ...['histogram', 'child'].map((value) => ({
      work: WAYS[value][0],
      value,
      unit: 'ns',
      against: 'limit',
      atMost: 1.4,
    })),
    { work: 'gauge `startTimer()()`', value: 'gauge', unit: 'ns', against: 'peers' },
    { work: 'gauge `startTimer()()`', value: 'gauge', unit: 'ns', against: 'limit', atMost: 1.4 },
  ],
  work: { limit: readings, ...ofClients(timers) },
  limit: 'two readings of the clock, and the search for a bucket and two additions, or one assignment',
};

async function timers(client, options) {
  await warm(client);
  const common = { help: 'T', registers: [new client.Registry()] };
  const histogram = new client.Histogram({ name: 'h_seconds', buckets: BUCKETS, ...common });
  const summary = new client.Summary({ name: 's_seconds', maxAgeSeconds: 600, ageBuckets: 5, ...common });
  const gauge = new client.Gauge({ name: 'g_seconds', ...common });
  const labeled = new client.Histogram({ name: 'l_seconds', buckets: BUCKETS, labelNames: LABEL_NAMES, ...common });
  const bound = methods.map((method, i) => labeled.labels(method, routes[i], statuses[i]));
  let calls = 0;
  const each = (stop) =>
    nanosecondsPerCall((n) => {
      for (let i = 0; i < n; i++) stop(i & (SETS - 1));
      calls += n;
    }, options);
  const numbers = {
    histogram: each(() => histogram.startTimer()()),
    summary: each(() => summary.startTimer()()),
    gauge: each(() => gauge.startTimer()()),
  };
  calls = 0;
  numbers.child = each((set) => bound[set].startTimer()());
  numbers.labeled = each((set) =>
    labeled.startTimer({ method: methods[set], route: routes[set], status: statuses[set] })(),
  );
  numbers.late = each((set) =>
    labeled.startTimer({ method: methods[set], route: routes[set] })({ status: statuses[set] }),
  );
  const { values } = await labeled.get();
  const counts = values.filter(({ metricName }) => metricName?.endsWith('_count'));
  check(counts.reduce((sum, { value }) => sum + value, 0) === calls, 'observations are missing');
  return numbers;
}

function readings(options) {
  const bounds = Float64Array.from(BUCKETS);
  const cells = new Float64Array((BUCKETS.length + 2) * SETS);
  const observe = (from) => {
    const start = performance.now();
    const seconds = (performance.now() - start) / 1000;
    let bucket = 0;
    while (bucket < bounds.length && seconds > bounds[bucket]) bucket++;
    cells[from + bucket] += 1;
    cells[from + bounds.length + 1] += seconds;
  };
  const histogram = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) observe(0);
  }, options);
  const child = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) observe((i & (SETS - 1)) * (BUCKETS.length + 2));
  }, options);
  const gauge = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) {
      const start = performance.now();
      cells[0] = (performance.now() - start) / 1000;
    }
  }, options);
  return { histogram, child, gauge };
}

import { ofClients, warm } from '../harness/clients.mjs';
import { check } from '../harness/loop.mjs';
import { combinations, labelNames } from './shapes.mjs';

/** A counter and a histogram of 11 buckets in a registry. */
const REGISTRIES = {
  'no labels': { counts: [] },
  '1 × 64': { counts: [64] },
  '2 × 4': { counts: [4, 4] },
  '2 × 8': { counts: [8, 8] },
  '6 × 2': { counts: [2, 2, 2, 2, 2, 2] },
  '2 × 4, 2 defaults': { counts: [4, 4], defaults: { env: 'development', protocol: 'http' } },
  '2 × 2, 4 defaults': {
    counts: [2, 2],
    defaults: { env: 'development', protocol: 'http', campaign: 'easter', type: 'desktop' },
  },
};

/** Returns the minimum, over many samples of a few milliseconds, in microseconds per call. */
async function microsecondsPerCall(call, { sampleMs, samples }) {
  let calls = 1;
  let best = Infinity;
  for (let sample = 0; sample < samples; ) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await call();
    const took = performance.now() - start;
    if (took < sampleMs && calls < 1e6) calls *= took < sampleMs / 8 ? 4 : 2;
    else {
      best = Math.min(best, took / calls);
      sample += 1;
    }
  }
  return best * 1000;
}

/** A case that calls `read` on each registry, and `change` between calls. */
function reading(name, what, read, { open = false, change = () => {}, when = '' } = {}) {
  return {
    name,
    rows: Object.keys(REGISTRIES).map((shape) => ({
      work: `\`${what}\`${when && ` ${when}`}, ${shape}`,
      value: shape,
      unit: 'µs',
      against: 'peers',
      atLeast: 1,
    })),
    work: ofClients(async (client, options) => {
      await warm(client);
      const numbers = {};
      for (const [shape, { counts, defaults }] of Object.entries(REGISTRIES)) {
        const registry = new client.Registry(open ? client.Registry.OPENMETRICS_CONTENT_TYPE : undefined);
        if (defaults !== undefined) registry.setDefaultLabels(defaults);
        const config = { help: 'Measured', labelNames: labelNames(counts.length), registers: [registry] };
        const histogram = new client.Histogram({ name: 'histogram', ...config });
        const counter = new client.Counter({ name: 'counter', ...config });
        const labels = combinations(counts);
        for (const one of labels) {
          histogram.observe({ ...one }, 1);
          counter.inc({ ...one }, 1);
        }
        let last;
        numbers[shape] = await microsecondsPerCall(async () => {
          change(counter, histogram, labels);
          last = await read(registry);
        }, options);
        const length = typeof last === 'string' ? last.split('\n').length : last.flatMap(({ values }) => values).length;
        check(length >= 15 * labels.length, 'samples are missing');
      }
      return numbers;
    }),
  };
}

/** Records once more in each series. */
function changeAll(counter, histogram, labels) {
  for (const one of labels) {
    counter.inc(one, 1);
    histogram.observe(one, 1);
  }
}

const cluster = {
  name: 'cluster',
  rows: [
    {
      work: '`AggregatorRegistry.aggregate()` of 3 workers, 5 families, 1 440 series each',
      value: 'aggregate',
      unit: 'ms',
      against: 'peers',
      atLeast: 1,
    },
    {
      work: 'the same with `metrics()` of the result',
      value: 'page',
      unit: 'ms',
      against: 'peers',
      atLeast: 1,
    },
  ],
  work: ofClients(async (client, options) => {
    const { default: api, ...names } = await import(client.name);
    const { AggregatorRegistry } = api ?? names;
    const registers = [0, 1, 2].map(() => new client.Registry());
    const config = { help: 'Measured', labelNames: labelNames(5), registers };
    const counters = [0, 1].map((i) => new client.Counter({ name: `counter${i}`, ...config }));
    const histograms = [0, 1, 2].map((i) => new client.Histogram({ name: `histogram${i}`, ...config }));
    for (const labels of combinations([3, 5, 3, 4, 8])) {
      for (const counter of counters) counter.inc(labels, 3);
      for (const histogram of histograms) for (const value of [1, 0.2, 0.9, 2.1]) histogram.observe(labels, value);
    }
    const lists = await Promise.all(registers.map((registry) => registry.getMetricsAsJSON()));
    const few = { ...options, samples: Math.min(options.samples, 8) };
    const aggregate = await microsecondsPerCall(() => AggregatorRegistry.aggregate(lists), few);
    let page = '';
    const whole = await microsecondsPerCall(async () => {
      page = await AggregatorRegistry.aggregate(lists).metrics();
    }, few);
    check(page.split('\n').length >= 1440 * (2 + 3 * 14), 'lines are missing');
    return { aggregate: aggregate / 1000, page: whole / 1000 };
  }),
};

export default [
  reading('json', 'getMetricsAsJSON()', (registry) => registry.getMetricsAsJSON()),
  reading('page', 'metrics()', (registry) => registry.metrics()),
  reading('page-changed', 'metrics()', (registry) => registry.metrics(), {
    change: changeAll,
    when: 'after a record on each series',
  }),
  reading('page-openmetrics', 'metrics()', (registry) => registry.metrics(), { open: true, when: 'in OpenMetrics' }),
  cluster,
];

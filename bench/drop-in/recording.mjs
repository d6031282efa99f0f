import { ofClients, warm } from '../harness/clients.mjs';
import { nanosecondsPerCall } from '../harness/loop.mjs';
import { combinations, labelNames, SHAPES } from './shapes.mjs';

/** A case that creates a metric for each shape, and calls `record` with each combination of its labels in turn. */
function recording(name, what, make, record, shapes = SHAPES) {
  return {
    name,
    rows: Object.keys(shapes).map((shape) => ({
      work: shape === '' ? `\`${what}\`` : `\`${what}\`, ${shape}`,
      value: shape,
      unit: 'ns',
      against: 'peers',
      atLeast: 1,
    })),
    work: ofClients(async (client, options) => {
      await warm(client);
      const numbers = {};
      for (const [shape, counts] of Object.entries(shapes)) {
        const registers = [new client.Registry(client.Registry.OPENMETRICS_CONTENT_TYPE)];
        const metric = make(client, { help: 'Measured', labelNames: labelNames(counts.length), registers });
        const labels = combinations(counts);
        numbers[shape] = nanosecondsPerCall((n) => {
          for (let i = 0, next = 0; i < n; i++) {
            record(metric, labels[next]);
            next = next + 1 === labels.length ? 0 : next + 1;
          }
        }, options);
      }
      return numbers;
    }),
  };
}

const counter = (client, config) => new client.Counter({ name: 'counter_total', ...config });
const gauge = (client, config) => new client.Gauge({ name: 'gauge', ...config });
const histogram = (client, config) => new client.Histogram({ name: 'histogram', ...config });
const summary = (client, config) => new client.Summary({ name: 'summary', ...config });
const withExemplars = (make) => (client, config) => make(client, { ...config, enableExemplars: true });
const exemplarLabels = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };

export default [
  recording('counter', 'counter.inc(labels, 1)', counter, (metric, labels) => metric.inc(labels, 1), {
    'no labels': [],
    '2 × 8, 1 × 3': [8, 8, 3],
  }),
  recording('gauge', 'gauge.inc(1)', gauge, (metric) => metric.inc(1), { 'no labels': [] }),
  recording('gauge-labels', 'gauge.inc(labels, 1)', gauge, (metric, labels) => metric.inc(labels, 1), {
    '2 × 8': [8, 8],
  }),
  recording('histogram', 'histogram.observe(labels, 1)', histogram, (metric, labels) => metric.observe(labels, 1)),
  recording('timer', 'histogram.startTimer(labels)({})', histogram, (metric, labels) => metric.startTimer(labels)({})),
  recording('summary-labels', 'summary.observe(labels, 1)', summary, (metric, labels) => metric.observe(labels, 1)),
  recording('labels', 'counter.labels(labels).inc(1)', counter, (metric, labels) => metric.labels(labels).inc(1)),
  recording(
    'exemplar-counter',
    'counter.inc({ labels, value, exemplarLabels })',
    withExemplars(counter),
    (metric, labels) => metric.inc({ labels, value: 1, exemplarLabels }),
    { '2 × 8': [8, 8] },
  ),
  recording(
    'exemplar-histogram',
    'histogram.observe({ labels, value, exemplarLabels })',
    withExemplars(histogram),
    (metric, labels) => metric.observe({ labels, value: 1, exemplarLabels }),
    { '2 × 8': [8, 8] },
  ),
  {
    name: 'new',
    rows: [{ work: '`new Counter()` with 4 labels', value: 'new', unit: 'µs', against: 'peers', atLeast: 1 }],
    work: ofClients(async (client, options) => {
      await warm(client);
      let made = 0;
      const nanoseconds = nanosecondsPerCall((n) => {
        // In a registry with as many metrics as a large program, then discarded.
        const registers = [new client.Registry()];
        for (let i = 0; i < n; i++) {
          if (i % 200 === 199) registers[0] = new client.Registry();
          counter(client, { name: `counter_${made++}_total`, help: 'Made', labelNames: labelNames(4), registers });
        }
      }, options);
      return { new: nanoseconds / 1000 };
    }),
  },
];

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const load = {
  import: () => import('promark/otel'),
  require: () => require('promark/otel'),
  cjs: () => require('./node_modules/promark/dist/otel.cjs'),
};
const { exemplarsFromActiveSpan, RegistryMetricProducer } = await load[process.argv[2]]();
const { Counter } = await import('promark');

// The registry and the exemplar source are shared in the process, whichever copy is loaded.
new Counter({ name: 'orders_total', help: 'Orders' }).inc(3);
const { resourceMetrics } = await new RegistryMetricProducer().collect();
for (const { metrics } of resourceMetrics.scopeMetrics) {
  for (const { descriptor, dataPoints } of metrics) console.log(descriptor.name, dataPoints[0].value);
}
exemplarsFromActiveSpan().stop();

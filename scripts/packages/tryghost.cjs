const { PrometheusClient } = require('@tryghost/prometheus-metrics');

const metrics = new PrometheusClient({}, console);
metrics.init();
metrics.registerCounter?.({ name: 'orders', help: 'Orders' })?.inc(2);
metrics.registerGauge?.({ name: 'stock', help: 'Stock' })?.set(5);
metrics.getMetrics().then((page) => {
  console.log(page);
  process.exit();
});

const { writeFileSync } = require('node:fs');
const { PrometheusClient } = require('@tryghost/prometheus-metrics');

test('the page of the client', async () => {
  const metrics = new PrometheusClient({}, console);
  metrics.init();
  metrics.registerCounter?.({ name: 'orders', help: 'Orders' })?.inc(2);
  metrics.registerGauge?.({ name: 'stock', help: 'Stock' })?.set(5);
  writeFileSync('page.txt', await metrics.getMetrics());
});

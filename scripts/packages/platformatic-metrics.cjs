const collect = require('@platformatic/metrics');

void (async () => {
  const options = { defaultMetrics: true, httpMetrics: true, labels: { app: 'shop' } };
  const { registry } = await (collect.collectMetrics ?? collect)('main', 1, options);
  console.log(await registry.metrics());
  process.exit();
})();

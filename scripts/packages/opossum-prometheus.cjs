const CircuitBreaker = require('opossum');
const PrometheusMetrics = require('opossum-prometheus');

const circuit = new CircuitBreaker(async (ok) => ok || Promise.reject(new Error('no')), { name: 'orders' });
const metrics = new PrometheusMetrics({ circuits: [circuit] });
void (async () => {
  await circuit.fire(true);
  await circuit.fire(false).catch(() => {});
  console.log(await metrics.metrics);
  process.exit();
})();

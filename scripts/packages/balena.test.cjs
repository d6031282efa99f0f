const { writeFileSync } = require('node:fs');
const { metrics } = require('@balena/node-metrics-gatherer');

test('the page of the gatherer', async () => {
  metrics.describe.histogram('price_euros', 'Prices', { buckets: [1, 10] });
  metrics.gauge('temperature', 28);
  metrics.counter('orders_total', 2, { tier: 'gold' });
  metrics.histogram('price_euros', 5);
  metrics.summary('weight_grams', 7);
  writeFileSync('page.txt', await metrics.output());
});

import { prometheusPlugin } from '@bentocache/plugin-prometheus';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { register } from 'prom-client';

const cache = new BentoCache({
  default: 'memory',
  plugins: [prometheusPlugin()],
  stores: { memory: bentostore().useL1Layer(memoryDriver()) },
});
await cache.set({ key: 'order', value: 1 });
await cache.get({ key: 'order' });
await cache.get({ key: 'other' });
console.log(await register.metrics());
process.exit();

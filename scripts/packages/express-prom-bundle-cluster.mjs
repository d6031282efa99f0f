import cluster from 'node:cluster';
import { once } from 'node:events';
import express from 'express';
import bundle from 'express-prom-bundle';
import { AggregatorRegistry } from 'prom-client';

const app = express();
const listening = async (options) => {
  const server = app.listen({ port: 0, host: '127.0.0.1', ...options });
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
};

if (cluster.isPrimary) {
  app.use('/cluster_metrics', bundle.clusterMetrics());
  const workers = [1, 2].map((orders) => cluster.fork({ ORDERS: orders }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const base = await listening();
  // Each worker's requests are on the page at once, or as soon as the worker has written its file again.
  let page = '';
  for (let left = 100; left > 0 && !/_count\{[^}]*"\/orders"[^}]*\} 3$/m.test(page); left--) {
    page = await (await fetch(`${base}/cluster_metrics`)).text();
    await new Promise((done) => setTimeout(done, 50));
  }
  console.log(page);
  process.exit();
} else {
  // According to the package's manual, this answers in the primary.
  new AggregatorRegistry();
  app.use(bundle({ autoregister: false, includeMethod: true, includePath: true, customLabels: { app: 'shop' } }));
  app.get('/orders', (_, response) => response.send('all'));
  // A separate port, not one shared through the primary.
  const base = await listening({ exclusive: true });
  for (let sent = 0; sent < Number(process.env.ORDERS); sent++) await (await fetch(`${base}/orders`)).text();
  process.send('served');
}

import cluster from 'node:cluster';
import { collectDefaultMetrics, multiprocess, startHttpServer } from 'promark';
import { portFrom } from './port.js';
import { startShop } from './shop.js';

let isStopping = false;
const WORKERS = Number(process.env.WORKERS ?? 4);
// Before there are workers, which would be replaced again and again.
const [port, metricsPort] = [portFrom('PORT', 3000), portFrom('METRICS_PORT', 9100)];

if (cluster.isPrimary) {
  // Before the workers are forked: they join by themselves.
  multiprocess({ workerLabel: 'worker', ...(process.env.DIR && { dir: process.env.DIR }) });
  for (let i = 0; i < WORKERS; i++) cluster.fork();
  // What a worker has counted stays on the page when it is replaced.
  cluster.on('exit', () => {
    if (!isStopping) cluster.fork();
  });
  const server = await startHttpServer({ port: metricsPort, host: '127.0.0.1' });
  console.log(`Metrics of all workers: ${server.url}`);
} else {
  collectDefaultMetrics();
  const { url } = await startShop(port);
  console.log(`Worker ${process.pid} serves ${url}`);
}

process.once('SIGTERM', () => {
  isStopping = true;
  process.exit();
});

import type { AddressInfo } from 'node:net';
import express from 'express';
import { collectDefaultMetrics, metricsHandler } from 'promark';
import { httpMetrics } from 'promark/express';
import { ordersRouter } from './orders.js';

collectDefaultMetrics();

const app = express();
// Before everything else, so that what a middleware answers is measured as well.
app.use(httpMetrics({ ignore: ['/health'] }));
app.get('/health', (_request, response) => void response.send('fine'));
app.get('/metrics', metricsHandler());
app.use('/shops/:shop/orders', ordersRouter);

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`The shop is open at http://127.0.0.1:${port}, its metrics are at http://127.0.0.1:${port}/metrics`);
});
process.once('SIGTERM', () => server.close());

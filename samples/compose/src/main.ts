import { collectDefaultMetrics, startHttpServer } from 'promark';
import { createApp } from './app.js';
import { portFrom } from './port.js';

const [port, metricsPort] = [portFrom('PORT', 3000), portFrom('METRICS_PORT', 9100)];
collectDefaultMetrics();
const app = createApp();

// On a port of its own, which is not published: customers cannot reach it, and it answers while the app is busy.
const metrics = await startHttpServer({ port: metricsPort });
app.listen(port, () => {
  const address = app.address();
  const host = `localhost:${typeof address === 'object' && address !== null ? address.port : address}`;
  console.log(`orders at http://${host}/orders/1, metrics at ${metrics.url}`);
});

// A process without this handler ignores SIGTERM if it is the first of its container, and is killed after ten seconds.
process.once('SIGTERM', () => {
  app.close(() => void metrics.close());
  app.closeIdleConnections();
});

import { createServer } from 'node:http';
import { collectDefaultMetrics, Histogram, HttpRecorder, startHttpServer } from 'promark';

collectDefaultMetrics();
const recorder = new HttpRecorder({ ignore: ['/health'] });
const seconds = new Histogram({ name: 'order_seconds', help: 'Time to take an order' });

const app = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://app');
  const isOrder = /^\/orders\/\d+$/.test(pathname);
  recorder.begin(request, response, isOrder ? '/orders/:id' : undefined);
  if (pathname === '/health') response.end('fine\n');
  else if (!isOrder) response.writeHead(404).end();
  else await seconds.time(async () => void response.end(`order ${pathname.slice(8)}\n`));
});

// On a port of its own, which is not published: customers cannot reach it, and it answers while the app is busy.
const metrics = await startHttpServer({ port: Number(process.env.METRICS_PORT ?? 9100) });
app.listen(Number(process.env.PORT ?? 3000), () => {
  const address = app.address();
  const port = typeof address === 'object' && address !== null ? address.port : address;
  console.log(`orders at http://localhost:${port}/orders/1, metrics at ${metrics.url}`);
});

// A process without this handler ignores SIGTERM if it is the first of its container, and is killed after ten seconds.
process.once('SIGTERM', () => {
  app.close(() => void metrics.close());
  app.closeIdleConnections();
});

import { fastify } from 'fastify';
import { collectDefaultMetrics } from 'promark';
import { httpMetrics, metricsEndpoint } from 'promark/fastify';
import { ordersPlugin } from './orders.js';

collectDefaultMetrics();

const app = fastify();
// Before everything else, so that what other plugins answer is measured as well.
app.register(httpMetrics({ ignore: ['/health'] }));
app.register(metricsEndpoint());
app.get('/health', async () => 'fine');
app.register(ordersPlugin, { prefix: '/shops/:shop/orders' });

const url = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(`The shop is open at ${url}, its metrics are at ${url}/metrics`);
process.once('SIGTERM', () => app.close());

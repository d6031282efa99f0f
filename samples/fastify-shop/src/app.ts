import { type FastifyInstance, fastify } from 'fastify';
import { httpMetrics, metricsEndpoint } from 'promark/fastify';
import { ordersPlugin } from './orders.js';

export function createApp(): FastifyInstance {
  const app = fastify();
  // Before everything else, so that what other plugins answer is measured as well.
  app.register(httpMetrics({ ignore: ['/health'] }));
  app.register(metricsEndpoint());
  app.get('/health', async () => 'fine');
  app.register(ordersPlugin, { prefix: '/shops/:shop/orders' });
  return app;
}

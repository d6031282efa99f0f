import type { FastifyInstance } from 'fastify';
import { Counter } from 'promark';

const orders = new Counter({ name: 'orders_total', help: 'Orders by tier', labelNames: ['tier'] });

/** Registered with a prefix that has a parameter: the label says `/shops/:shop/orders/:order`. */
export async function ordersPlugin(app: FastifyInstance): Promise<void> {
  app.get('/:order', async (request) => request.params);
  app.post<{ Params: { tier: string } }>('/:tier', async (request, reply) => {
    orders.inc({ tier: request.params.tier === 'gold' ? 'gold' : 'other' });
    reply.code(201);
  });
}

import { Router } from 'express';
import { Counter } from 'promark';

const orders = new Counter({ name: 'orders_total', help: 'Orders by tier', labelNames: ['tier'] });

/** Mounted below a parameter: the label says `/shops/:shop/orders/:order`, not what customers ask for. */
export const ordersRouter = Router({ mergeParams: true })
  .get('/:order', (request, response) => {
    response.json(request.params);
  })
  .post('/:tier', (request, response) => {
    orders.inc({ tier: request.params.tier === 'gold' ? 'gold' : 'other' });
    response.status(201).end();
  });

import express from 'express';
import { metricsHandler } from 'promark';
import { httpMetrics } from 'promark/express';
import { ordersRouter } from './orders.js';

export const app = express();
// Before everything else, so that what a middleware answers is measured as well.
app.use(httpMetrics({ ignore: ['/health'] }));
app.get('/health', (_request, response) => void response.send('fine'));
app.get('/metrics', metricsHandler());
app.use('/shops/:shop/orders', ordersRouter);

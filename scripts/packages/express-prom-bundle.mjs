import express from 'express';
import bundle from 'express-prom-bundle';
import { served } from './served.mjs';

const app = express();
app.use(
  bundle({
    includeMethod: true,
    includePath: true,
    customLabels: { app: 'shop' },
    promClient: { collectDefaultMetrics: {} },
  }),
);
app.get('/orders/:id', (request, response) => response.send(request.params.id));

await served(app, ['/orders/1', '/orders/2', '/nothing'], '/metrics');

import { prometheus } from '@hono/prometheus';
import { Hono } from 'hono';

const app = new Hono();
const { printMetrics, registerMetrics } = prometheus({ collectDefaultMetrics: true });
app.use('*', registerMetrics);
app.get('/metrics', printMetrics);
app.get('/orders/:id', (context) => context.text(context.req.param('id')));
for (const path of ['/orders/1', '/orders/2', '/nothing']) await app.request(path);
console.log(await (await app.request('/metrics')).text());
process.exit();

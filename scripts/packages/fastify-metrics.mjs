import Fastify from 'fastify';
import metrics from 'fastify-metrics';

const app = Fastify();
await app.register(metrics, { endpoint: '/metrics' });
app.get('/orders/:id', (request) => request.params.id);
for (const path of ['/orders/1', '/orders/2', '/nothing']) await app.inject(path);
console.log((await app.inject('/metrics')).body);
await app.close();
process.exit();

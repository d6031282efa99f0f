import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, metricsHandler } from 'promark';
import { portFrom } from './port.js';

const orders = new Counter({ name: 'shop_orders_total', help: 'Orders' });
const metrics = metricsHandler();

const server = createServer((request, response) => {
  // Whichever process answers, the page shows all of them.
  if (request.url === '/metrics') return void metrics(request, response);
  if (request.url === '/crash') process.kill(process.pid, 'SIGKILL');
  orders.inc();
  response.end(`Thank you for your order, says process ${process.pid}.\n`);
});
server.listen(portFrom('PORT', 3000), '127.0.0.1', () => {
  console.log(`Shop and metrics: http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

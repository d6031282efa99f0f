import { createServer, type Server } from 'node:http';
import { HttpRecorder } from 'promark';
import { Orders } from './orders.js';

/** The app itself: `/orders/7` takes an order, `/health` is for the container's health check. */
export function createApp(): Server {
  const recorder = new HttpRecorder({ ignore: ['/health'] });
  const orders = new Orders();
  return createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://app');
    const [, id] = /^\/orders\/(\d+)$/.exec(pathname) ?? [];
    recorder.begin(request, response, id && '/orders/:id');
    if (pathname === '/health') response.end('fine\n');
    else if (id === undefined) response.writeHead(404).end();
    else response.end(`${await orders.take(id)}\n`);
  });
}

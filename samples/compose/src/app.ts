import { createServer, type Server } from 'node:http';
import { Histogram, HttpRecorder } from 'promark';

const seconds = new Histogram({ name: 'order_seconds', help: 'Time to take an order' });

/** The app itself: `/orders/7` takes an order, `/health` is for the container's health check. */
export function createApp(): Server {
  const recorder = new HttpRecorder({ ignore: ['/health'] });
  return createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://app');
    const isOrder = /^\/orders\/\d+$/.test(pathname);
    recorder.begin(request, response, isOrder ? '/orders/:id' : undefined);
    if (pathname === '/health') response.end('fine\n');
    else if (!isOrder) response.writeHead(404).end();
    else await seconds.time(async () => void response.end(`order ${pathname.slice(8)}\n`));
  });
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Histogram } from 'promark';

const orders = new Counter({ name: 'shop_orders_total', help: 'Orders' });
const seconds = new Histogram({ name: 'shop_order_seconds', help: 'Duration of an order', buckets: [0.01, 0.1, 1] });
// Of the workers that are running; those that have ended have no open orders.
const open = new Gauge({ name: 'shop_open_orders', help: 'Orders in progress', aggregate: 'livesum' });
// One series for each worker.
const ready = new Gauge({ name: 'shop_worker_ready', help: 'Whether a worker serves', aggregate: 'liveall' });

export interface Shop {
  readonly url: string;
  close(): void;
}

/** Serves the shop: `/` places an order, `/crash` ends the worker. */
export async function startShop(port: number): Promise<Shop> {
  const server = createServer((request, response) => {
    if (request.url === '/crash') process.kill(process.pid, 'SIGKILL');
    open.inc();
    orders.inc();
    seconds.observe(Math.random() / 20);
    open.dec();
    response.end(`Thank you for your order, says worker ${process.pid}.\n`);
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  ready.set(1);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => void server.close() };
}

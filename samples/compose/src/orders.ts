import { Timed } from 'promark';

export class Orders {
  /** Takes an order. 99.5 % of the orders are to succeed within 100 ms: the rules and the dashboard know of that. */
  @Timed({
    name: 'order_seconds',
    help: 'Time to take an order',
    buckets: [0.01, 0.05, 0.1, 0.5, 1],
    objective: { latency: 0.1, target: 0.995 },
  })
  async take(id: string): Promise<string> {
    return `order ${id}`;
  }
}

import { plannedOrder } from './plan.js';

/** Options of a run of the load. */
export interface LoadOptions {
  /** Where the shop is: a loopback address. */
  readonly url: string;
  /** How many orders to place. Default: without end, until `signal`. */
  readonly orders?: number;
  /** How many customers come at a time. Default: 4. */
  readonly customers?: number;
  /** Ends the run early: orders that are under way are waited for and counted. */
  readonly signal?: AbortSignal;
}

/** Answers by their HTTP status. */
export type Answers = Record<string, number>;

/** What a run did. */
export interface LoadReport {
  /** Orders by tier and status: 201 placed, 402 card declined, 409 sold out. */
  readonly orders: Record<string, Answers>;
  /** Looks into the stock by status: 404 for what the shop does not sell. */
  readonly lookups: Answers;
  /** Looks for pages that there are not, by status. */
  readonly strays: Answers;
}

/** Sends customers into the shop, who look into the stock and place orders. Throws for a shop that is not on loopback. */
export async function runLoad({ url, orders = Infinity, customers = 4, signal }: LoadOptions): Promise<LoadReport> {
  refuseStrangers(url);
  const report: LoadReport = { orders: {}, lookups: {}, strays: {} };
  let next = 0;
  const customer = async () => {
    while (next < orders && signal?.aborted !== true) {
      const n = next++;
      const order = plannedOrder(n);
      report.orders[order.tier] ??= {};
      count(report.lookups, await statusOf(fetch(`${url}/stock/${order.sku}`)));
      if (n % 10 === 3) count(report.lookups, await statusOf(fetch(`${url}/stock/chair`)));
      if (n % 10 === 6) count(report.strays, await statusOf(fetch(`${url}/catalogue/${n}`)));
      count(report.orders[order.tier], await statusOf(post(`${url}/orders`, order)));
    }
  };
  await Promise.all(Array.from({ length: customers }, customer));
  return report;
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  // Read to the end, so that the connection is free for the next request.
  await response.arrayBuffer();
  return response.status;
}

function count(answers: Answers = {}, status: number): void {
  answers[status] = (answers[status] ?? 0) + 1;
}

function refuseStrangers(url: string): void {
  const { hostname } = new URL(url);
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return;
  throw new Error(`The load is for a shop on this machine, such as http://127.0.0.1:3000, not for ${hostname}.`);
}

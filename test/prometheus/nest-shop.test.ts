import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeWith } from '../support/required-programs.js';
import { type AcceptProxy, acceptProxy } from './accept-proxy.js';
import { type Prometheus, startPrometheus } from './prometheus.js';
import { checkMetrics } from './promtool.js';
import { buildShop, type LoadReport, type OpenShop, type Shop } from './shop.js';

const jobs = ['openmetrics', 'text'];

/** How many orders, of a tier or of all, ended in a certain way. */
interface Outcomes {
  placed: number;
  declined: number;
  soldOut: number;
}

function outcomesOf(reports: readonly LoadReport[], tiers: readonly string[]): Outcomes {
  const answers = reports.flatMap(({ orders }) => tiers.map((tier) => orders[tier] ?? {}));
  const sum = (status: string) => answers.reduce((total, one) => total + (one[status] ?? 0), 0);
  return { placed: sum('201'), declined: sum('402'), soldOut: sum('409') };
}

describeWith(['prometheus', 'promtool'], 'Prometheus scrapes the sample shop under load', () => {
  const reports: LoadReport[] = [];
  let shop: Shop;
  let open: OpenShop;
  let text: AcceptProxy;
  let prometheus: Prometheus;

  beforeAll(async () => {
    shop = await buildShop();
    open = await shop.open();
    text = await acceptProxy(`${open.url}/metrics`, 'text/plain;version=0.0.4');
    prometheus = await startPrometheus({ openmetrics: `${open.url}/metrics`, text: text.url });
    const { api } = prometheus;
    const load = shop.load(open.url, '--until-stopped');
    // Each job must see the load at work: orders in progress, and their number growing.
    for (const job of jobs) {
      await api.untilValue(`max_over_time(orders_in_progress{job="${job}"}[5m])`, (most) => most > 0);
      await api.untilValue(`sum(increase(orders_total{job="${job}"}[5m]))`, (more) => more > 0);
    }
    reports.push(await load.stop());
    reports.push(await shop.load(open.url, '--orders', '210').end());
    const { placed } = outcomesOf(reports, ['gold', 'silver', 'bronze']);
    // What was sold is shipped gradually.
    for (const job of jobs) await api.untilValue(`sum(parcels_shipped_total{job="${job}"})`, (sum) => sum === placed);
    const end = Date.now();
    await Promise.all(jobs.map((job) => api.untilScraped(job, end)));
  });

  afterAll(async () => {
    await prometheus?.stop();
    await text?.close();
    await open?.close();
    await shop?.remove();
  });

  test('each job in its own format', async () => {
    expect(new Set(text.contentTypes.map((type) => type.split(';', 2).join(';')))).toEqual(
      new Set(['text/plain; version=0.0.4']),
    );
    // Only OpenMetrics names a counter's family without _total.
    expect((await prometheus.api.metadata('openmetrics')).get('orders')?.type).toBe('counter');
    expect((await prometheus.api.metadata('text')).get('orders_total')?.type).toBe('counter');
  });

  test('the load does the same for the same arguments', () => {
    const ofTier = { 201: 54, 402: 9, 409: 7 };
    expect(reports[1]).toEqual({
      orders: { gold: ofTier, silver: ofTier, bronze: ofTier },
      lookups: { 200: 210, 404: 21 },
      strays: { 404: 21 },
    });
  });

  test('promtool complains only about names of default metrics', async () => {
    const { findings } = await checkMetrics(await (await fetch(`${open.url}/metrics`)).text());
    expect(
      findings.filter((finding) => !/^nodejs_(active_\w+_total|eventloop_utilization_\w+) /.test(finding)),
    ).toEqual([]);
  });

  describe.each(jobs)('and stores for %s the effects of the load:', (job) => {
    const all = () => outcomesOf(reports, ['gold', 'silver', 'bronze']);

    /** The values of all series of a selector by the given labels. */
    async function stored(selector: string, ...labels: string[]): Promise<Record<string, number>> {
      const [name, matchers = ''] = selector.split('{');
      const series = await prometheus.api.query(`${name}{job="${job}",${matchers || '}'}`);
      return Object.fromEntries(series.map(({ labels: own, value }) => [labels.map((l) => own[l]).join(' '), value]));
    }

    test('orders by tier and result', async () => {
      const expected: Record<string, number> = {};
      for (const tier of ['gold', 'silver', 'bronze']) {
        const { placed, declined, soldOut } = outcomesOf(reports, [tier]);
        expected[`${tier} ok`] = placed;
        expected[`${tier} error`] = declined + soldOut;
      }
      expect(await stored('orders_total', 'tier', 'result')).toEqual(expected);
    });

    test('requests by route and status', async () => {
      const { placed, declined, soldOut } = all();
      const sum = (answers: (report: LoadReport) => Readonly<Record<string, number>>, status: string) =>
        reports.reduce((total, report) => total + (answers(report)[status] ?? 0), 0);
      const expected = {
        'POST /orders 201': placed,
        'POST /orders 402': declined,
        'POST /orders 409': soldOut,
        'GET /stock/:sku 200': sum(({ lookups }) => lookups, '200'),
        'GET /stock/:sku 404': sum(({ lookups }) => lookups, '404'),
        'GET unmatched 404': sum(({ strays }) => strays, '404'),
      };
      const labels = ['method', 'route', 'status_code'];
      expect(await stored('http_request_duration_seconds_count', ...labels)).toEqual(expected);
      const inProgress = await stored('http_requests_in_progress', 'method');
      expect(new Set(Object.values(inProgress))).toEqual(new Set([0]));
    });

    test('timed calls of the orders service', async () => {
      const { placed, declined, soldOut } = all();
      const labels = 'class="OrdersService",method="place"';
      const expected = { ok: placed, error: declined + soldOut };
      expect(await stored(`method_duration_seconds_count{${labels}}`, 'result')).toEqual(expected);
      expect(await stored(`method_duration_seconds_bucket{${labels},le="+Inf"}`, 'result')).toEqual(expected);
    });

    test('counted and timed calls of the stock', async () => {
      const { placed, declined, soldOut } = all();
      expect(await stored('method_calls_total{class="StockService"}', 'method', 'result', 'exception')).toEqual({
        'take ok none': placed + declined,
        'take error ConflictException': soldOut,
        'putBack ok none': declined,
      });
      expect(await stored('stock_seconds_count', 'method', 'result')).toEqual({
        'take ok': placed + declined,
        'take error': soldOut,
      });
    });

    test('payments, measured by standard decorators', async () => {
      const { placed, declined } = all();
      expect(await stored('payment_charges_total', 'result', 'exception')).toEqual({
        'ok none': placed,
        'error PaymentDeclinedError': declined,
      });
      expect(await stored('payment_charge_seconds_count', 'result')).toEqual({ ok: placed, error: declined });
    });

    test('parcels, shipped by the consumer of a queue', async () => {
      const { placed } = all();
      const byTier = ['gold', 'silver', 'bronze'].map((tier) => [tier, outcomesOf(reports, [tier]).placed]);
      expect(await stored('parcels_shipped_total', 'tier')).toEqual(Object.fromEntries(byTier));
      const busy = Math.floor(placed / 20);
      const labels = 'class="ShippingConsumer",method="ship"';
      expect(await stored(`method_exceptions_total{${labels}}`, 'exception')).toEqual({ CarrierBusyError: busy });
      expect(await stored('parcel_items_count')).toEqual({ '': placed });
      expect(await stored('shipping_queue_length')).toEqual({ '': 0 });
    });

    test('calls of the carrier, whose class is instrumented except for one method', async () => {
      const { placed } = all();
      const busy = Math.floor(placed / 20);
      expect(await stored('method_calls_total{class="Carrier"}', 'method', 'result', 'exception')).toEqual({
        'handOver ok none': placed,
        'handOver error CarrierBusyError': busy,
      });
      expect(await stored('method_duration_seconds_count{class="Carrier"}', 'method', 'result')).toEqual({
        'handOver ok': placed,
        'handOver error': busy,
        // The method has an objective, whose outcomes are there from the start.
        'handOver cancelled': 0,
      });
    });

    test('the stock left on the shelves, and the runs of the inventory job', async () => {
      const levels = await stored('stock_on_shelf', 'sku');
      expect(Object.keys(levels).sort()).toEqual(['kettle', 'samovar', 'teapot']);
      expect(levels.samovar).toBe(0);
      const sold = (await prometheus.api.value(`parcel_items_sum{job="${job}"}`)) ?? 0;
      expect(sold).toBeGreaterThan(0);
      // Two shelves of 5 000 at first; each delivery is half a shelf.
      const gone = 10_000 - (levels.teapot ?? 0) - (levels.kettle ?? 0);
      expect((sold - gone) % 2500).toBe(0);
      const jobs = await stored('inventory_seconds_count', 'result');
      expect(jobs.ok).toBeGreaterThan(0);
      expect(jobs.error ?? 0).toBe(0);
    });

    test('no request or call in progress', async () => {
      expect(await stored('orders_in_progress')).toEqual({ '': 0 });
      expect(await stored('stock_lookups_in_progress')).toEqual({ '': 0 });
      expect(await stored('method_inprogress', 'class', 'method')).toEqual({ 'PaymentClient charge': 0 });
    });
  });
});

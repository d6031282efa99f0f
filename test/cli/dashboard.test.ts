import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import {
  Counted,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type HistogramConfig,
  InProgress,
  type MetricsServer,
  Registry,
  StateSet,
  Summary,
  startHttpServer,
  Timed,
} from 'promark';
import { queriesOf, withVariables } from '../prometheus/dashboard-queries.js';
import { startPrometheus } from '../prometheus/prometheus.js';
import { describeWith } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { run, temporaryFolder } from './running.js';

const files = temporaryFolder();
afterAll(() => files.remove());

interface PanelModel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly panels: readonly PanelModel[];
}

type Buckets = Partial<Pick<HistogramConfig<string>, 'buckets' | 'native'>>;

/** Garbage of the young and the old generation, as any program has after a while. */
const collectGarbage = (): unknown => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('[gc({ type: "minor" }), gc()]');
};

/** A registry with families of all kinds, and something to record in them. */
function shop(buckets: Buckets = {}): { registry: Registry; work(): void; stop(): void } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  class Shop {
    @Timed({ registry, objective: { target: 0.99, latency: 0.25 }, ...buckets })
    @Counted({ registry, objective: { target: 0.9 } })
    @InProgress({ registry })
    order(): void {}
  }
  const common = { help: 'Help', registers: [registry] };
  const requests = new Histogram({
    ...common,
    ...buckets,
    name: 'http_request_duration_seconds',
    labelNames: ['method', 'route', 'status_code'],
  });
  const sales = new Counter({ ...common, name: 'sales_total', labelNames: ['plan'] });
  const stock = new Gauge({ ...common, name: 'stock' });
  const sizes = new Histogram({ ...common, ...buckets, name: 'size_bytes' });
  const waits = new Summary({ ...common, name: 'wait_seconds' });
  const door = new StateSet({ ...common, name: 'door', states: ['open', 'closed'] });
  const instance = new Shop();
  const work = () => {
    instance.order();
    requests.observe({ method: 'GET', route: '/', status_code: '200' }, 0.1);
    requests.observe({ method: 'GET', route: '/', status_code: '500' }, 0.1);
    sales.inc({ plan: 'free' });
    stock.set(3);
    sizes.observe(5);
    waits.observe(1);
    door.state('open');
  };
  work();
  const timer = setInterval(work, 100);
  return { registry, work, stop: () => clearInterval(timer) };
}

async function dashboardOf(registry: Registry): Promise<Dashboard> {
  const manifest = files.write('manifest.json', JSON.stringify(registry.manifest()));
  const { code, stdout } = await run(['dashboard', manifest, '--title', 'Shop']);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** The queries as Grafana sends them. */
function isPromQL(query: string): boolean {
  let hasErrors = false;
  parser.parse(query).iterate({
    enter: ({ type }) => {
      hasErrors ||= type.isError;
    },
  });
  return !hasErrors;
}

test('every expression parses, ids are unique and panels stay on the grid', async () => {
  const { registry, stop } = shop();
  stop();
  const { panels, uid, schemaVersion, annotations } = await dashboardOf(registry);
  expect(schemaVersion).toBe(42);
  expect(uid).toBe((await dashboardOf(registry)).uid);
  expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
    'HTTP',
    'Objectives',
    'Methods',
    'In progress',
    'Metrics of this program',
    'Runtime',
  ]);
  const queries = [
    ...queriesOf({ panels }).map(({ query }) => query),
    ...annotations.list.map(({ expr }) => withVariables(expr)),
  ];
  expect(queries.length).toBeGreaterThan(20);
  expect(queries.filter((query) => !isPromQL(query))).toEqual([]);
  expect(isPromQL('sum by (rate(x[5m])')).toBe(false);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
});

describeWith(['prometheus'], 'in Prometheus', () => {
  test.each<[string, Record<string, Buckets>, string[]]>([
    ['with classic buckets', { classic: {} }, []],
    [
      'with native ones, also where classic ones are on the page but not stored',
      { native: { buckets: false, native: true }, both: { native: true } },
      ['native-histograms'],
    ],
  ])('every panel of a running program has data, %s', async (_, programs, features) => {
    const shops = new Map(Object.entries(programs).map(([job, buckets]) => [job, shop(buckets)]));
    const servers = new Map<string, MetricsServer>();
    for (const [job, { registry }] of shops) {
      servers.set(job, await startHttpServer({ port: 0, host: '127.0.0.1', registry }));
    }
    collectGarbage();
    const pages = Object.fromEntries([...servers].map(([job, { url }]) => [job, url]));
    const prometheus = await startPrometheus(pages, features);
    try {
      for (const [job, { registry }] of shops) {
        for (const { title, query } of queriesOf(await dashboardOf(registry), { job })) {
          await until(
            `data for ${title} of ${job}: ${query}`,
            async () => (await prometheus.api.query(query)).length > 0,
            () => prometheus.api.targetErrors(),
          );
        }
      }
    } finally {
      for (const { stop } of shops.values()) stop();
      await prometheus.stop();
      for (const server of servers.values()) await server.close();
    }
  });
});

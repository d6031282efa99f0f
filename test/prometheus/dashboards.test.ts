import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { collectDefaultMetrics, type MetricsServer, Registry, startHttpServer } from 'promark';
import { describeWith } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { type Prometheus, startPrometheus } from './prometheus.js';

/** What the usual dashboards for Node ask for (grafana.com 11159, 11956 and 14058), in the words of this test. */
const expressions = [
  'sum(up{job="app"})',
  'nodejs_version_info{job="app"}',
  'changes(process_start_time_seconds{job="app"}[1m])',
  'time() - process_start_time_seconds{job="app"}',
  'irate(process_cpu_user_seconds_total{job="app"}[1m]) * 100',
  'irate(process_cpu_system_seconds_total{job="app"}[1m]) * 100',
  'rate(process_cpu_seconds_total{job="app"}[1m])',
  'process_resident_memory_bytes{job="app"}',
  'nodejs_heap_size_total_bytes{job="app"}',
  'nodejs_heap_size_used_bytes{job="app"}',
  'nodejs_heap_size_used_bytes{job="app"} / nodejs_heap_size_total_bytes{job="app"}',
  'nodejs_external_memory_bytes{job="app"}',
  'sum by (space) (nodejs_heap_space_size_total_bytes{job="app"})',
  'nodejs_heap_space_size_used_bytes{job="app", space="old"}',
  'nodejs_heap_space_size_available_bytes{job="app", space="new"}',
  'nodejs_eventloop_lag_seconds{job="app"}',
  'nodejs_eventloop_lag_min_seconds{job="app"}',
  'nodejs_eventloop_lag_max_seconds{job="app"}',
  'nodejs_eventloop_lag_mean_seconds{job="app"}',
  'nodejs_eventloop_lag_stddev_seconds{job="app"}',
  'nodejs_eventloop_lag_p50_seconds{job="app"}',
  'nodejs_eventloop_lag_p90_seconds{job="app"}',
  'nodejs_eventloop_lag_p99_seconds{job="app"}',
  'nodejs_active_handles_total{job="app"}',
  'sum by (type) (nodejs_active_handles{job="app"})',
  'nodejs_active_requests_total{job="app"}',
  'nodejs_active_resources_total{job="app"}',
  'sum by (kind) (rate(nodejs_gc_duration_seconds_count{job="app", kind="major"}[1m]))',
  'rate(nodejs_gc_duration_seconds_sum{job="app"}[1m]) / (rate(nodejs_gc_duration_seconds_count{job="app"}[1m]) > 0)',
  'histogram_quantile(0.9, sum by (le) (rate(nodejs_gc_duration_seconds_bucket{job="app"}[1m])))',
  ...(process.platform === 'linux'
    ? [
        'process_virtual_memory_bytes{job="app"}',
        'process_heap_bytes{job="app"}',
        'process_open_fds{job="app"} / process_max_fds{job="app"}',
      ]
    : []),
];

describeWith(['prometheus'], 'dashboards for the default metrics of prom-client', () => {
  const registry = new Registry();
  const defaults = collectDefaultMetrics({ register: registry });
  let server: MetricsServer;
  let prometheus: Prometheus;
  let collecting: ReturnType<typeof setInterval>;

  beforeAll(async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    collecting = setInterval(collectGarbage, 2000);
    server = await startHttpServer({ registry, host: '127.0.0.1', port: 0 });
    prometheus = await startPrometheus({ app: server.url });
    await prometheus.api.untilValue('count_over_time(up{job="app"}[1m])', (scrapes) => scrapes >= 3);
  }, 120_000);

  afterAll(async () => {
    clearInterval(collecting);
    defaults.stop();
    await Promise.all([prometheus?.stop(), server?.close()]);
  });

  test.each(expressions)('%s has data', async (expression) => {
    const series = await until(expression, async () => {
      const found = await prometheus.api.query(expression);
      return found.length > 0 && found.every(({ value }) => Number.isFinite(value)) ? found : undefined;
    });
    expect(series.length).toBeGreaterThan(0);
  });
});

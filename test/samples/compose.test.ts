import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleValue, scrape } from 'promark/testing';
import { parse, parseAllDocuments } from 'yaml';
import { queriesOf } from '../prometheus/dashboard-queries.js';
import { startPrometheus, startPrometheusIn } from '../prometheus/prometheus.js';
import { repository } from '../support/processes.js';
import { describeWith } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { type BuiltSample, buildSample, type Serving } from './built-sample.js';

const folder = join(repository, 'samples/compose');

/** A manifest, as far as others refer to it. */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: Record<string, unknown>;
}

async function manifest<S>(file: string): Promise<Omit<Manifest, 'spec'> & { readonly spec: S }> {
  const documents = parseAllDocuments(await readFile(join(folder, 'kubernetes', file), 'utf8'));
  expect(documents).toHaveLength(1);
  return documents[0]?.toJS();
}

let sample: BuiltSample;

beforeAll(async () => {
  sample = await buildSample('compose');
});

afterAll(() => sample?.remove());

describe('the service', () => {
  test('serves its metrics on a port of their own, and ends in order on SIGTERM', async () => {
    const both = /orders at \S+, metrics at \S+/;
    const server = await sample.start('dist/main.js', { PORT: '0', METRICS_PORT: '0' }, both);
    const [orders, metrics] = server.url.match(/http:\S+[\d\w]/g) ?? [];
    const answer = await fetch(new URL('/orders/7', orders));
    expect(await answer.text()).toBe('order 7\n');
    expect((await fetch(new URL('/health', orders))).status).toBe(200);
    await until('the order on the page', async () => {
      const page = await scrape(metrics);
      return (await sampleValue(page, 'order_seconds_count', { result: 'ok' })) === 1;
    });
    const requests = { method: 'GET', route: '/orders/:id', status_code: 200 };
    expect(await sampleValue(await scrape(metrics), 'http_request_duration_seconds_count', requests)).toBe(1);
    expect(await server.close()).toMatchObject({ code: 0 });
  });
});

describe('the manifests', () => {
  test('refer to names that exist', async () => {
    interface Port {
      readonly name: string;
      readonly containerPort?: number;
      readonly targetPort?: string;
    }
    type Labels = { readonly matchLabels: Record<string, string> };
    const deployment = await manifest<{
      selector: Labels;
      template: { metadata: { labels: object }; spec: { containers: { ports: Port[] }[] } };
    }>('deployment.yaml');
    const service = await manifest<{ selector: object; ports: Port[] }>('service.yaml');
    const byService = await manifest<{ selector: Labels; endpoints: { port: string }[] }>('servicemonitor.yaml');
    const byPod = await manifest<{ selector: Labels; podMetricsEndpoints: { port: string }[] }>('podmonitor.yaml');

    const { labels } = deployment.spec.template.metadata;
    const containerPorts = deployment.spec.template.spec.containers.flatMap(({ ports }) => ports);
    expect(labels).toMatchObject(deployment.spec.selector.matchLabels);
    expect(labels).toMatchObject(service.spec.selector);
    expect(service.metadata.labels).toMatchObject(byService.spec.selector.matchLabels);
    expect(labels).toMatchObject(byPod.spec.selector.matchLabels);
    for (const { targetPort } of service.spec.ports)
      expect(containerPorts.map(({ name }) => name)).toContain(targetPort);
    for (const { port } of byService.spec.endpoints) expect(service.spec.ports.map(({ name }) => name)).toContain(port);
    for (const { port } of byPod.spec.podMetricsEndpoints)
      expect(containerPorts.map(({ name }) => name)).toContain(port);
  });

  test('and the compose file mounts files that exist', async () => {
    const { services } = parse(await readFile(join(folder, 'compose.yaml'), 'utf8')) as {
      services: Record<string, { volumes?: string[] }>;
    };
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]),
    );
    const files = mounted.filter((source) => source.startsWith('./'));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(existsSync(join(folder, file))).toBe(true);
  });
});

describeWith(['prometheus', 'promtool'], 'the configurations of Prometheus', () => {
  const promtool = async (...args: string[]) => (await promisify(execFile)('promtool', args, { cwd: folder })).stdout;

  test('pass promtool, as do the rules and their tests', async () => {
    expect(await promtool('check', 'config', 'prometheus.yml')).toContain('SUCCESS: 20 rules found');
    expect(await promtool('check', 'config', '--agent', 'prometheus-agent.yml')).toContain('SUCCESS');
    expect(await promtool('test', 'rules', 'app.rules.test.yml')).toContain('SUCCESS');
  });

  test('let an agent scrape the service and write to another Prometheus', async () => {
    const started: { stop(): Promise<unknown> }[] = [];
    let service: Serving | undefined;
    try {
      const ports = { PORT: '0', METRICS_PORT: '0' };
      service = await sample.start('dist/main.js', ports, /metrics at (\S+)/);
      const { url } = service;
      const receiver = await startPrometheus({}, [], ['--web.enable-remote-write-receiver']);
      started.push(receiver);
      const agent = await mkdtemp(join(tmpdir(), 'promark-agent-'));
      const config = await readFile(join(folder, 'prometheus-agent.yml'), 'utf8');
      const here = config
        .replace('app:9100', new URL(url).host)
        .replace('http://prometheus:9090', receiver.api.url)
        .replace('15s', '1s');
      await writeFile(join(agent, 'prometheus.yml'), here);
      started.push(await startPrometheusIn(agent, ['agent']));
      const series = 'process_start_time_seconds{job="app",machine="one"}';
      await until('the series of the agent', async () => (await receiver.api.query(series)).length > 0);
    } finally {
      // The agent first: it would wait a minute for a receiver that is gone.
      for (const { stop } of started.reverse()) await stop();
      await service?.close();
    }
  });
});

describeWith(['prometheus'], 'Prometheus with the configuration of the folder', () => {
  test('has data for every query of the dashboard, and evaluates the rules', async () => {
    let service: Serving | undefined;
    let prometheus: Awaited<ReturnType<typeof startPrometheusIn>> | undefined;
    const buying = new AbortController();
    let customers: Promise<void> | undefined;
    try {
      // So small a heap for young objects collects garbage, which is on the dashboard, within seconds.
      const environment = { PORT: '0', METRICS_PORT: '0', NODE_OPTIONS: '--max-semi-space-size=1' };
      service = await sample.start('dist/main.js', environment, /orders at \S+, metrics at \S+/);
      const { url } = service;
      const [orders = '', metrics = ''] = url.match(/http:\S+[\d\w]/g) ?? [];
      customers = buy(orders, buying.signal);
      const copy = await mkdtemp(join(tmpdir(), 'promark-compose-'));
      const config = await readFile(join(folder, 'prometheus.yml'), 'utf8');
      await writeFile(
        join(copy, 'prometheus.yml'),
        config.replace('app:9100', new URL(metrics).host).replaceAll('15s', '1s'),
      );
      await copyFile(join(folder, 'app.rules.yml'), join(copy, 'app.rules.yml'));
      prometheus = await startPrometheusIn(copy, ['exemplar-storage']);
      const { api } = prometheus;
      const dashboard = JSON.parse(await readFile(join(folder, 'grafana/dashboards/app.json'), 'utf8'));
      const variables = { job: 'app', instance: new URL(metrics).host };
      const queries = queriesOf(dashboard, variables).map(({ query }) => query);
      expect(queries.length).toBeGreaterThan(15);
      const recorded = ['slo:sli_error:ratio_rate5m', 'slo:objective:ratio', 'slo:current_burn_rate:ratio'];
      const empty = async () => {
        const asked = [...queries, ...recorded];
        const results = await Promise.all(asked.map((query) => api.query(query)));
        return asked.filter((_query, i) => results[i].length === 0);
      };
      await until(
        'data for every query',
        async () => (await empty()).length === 0,
        async () => (await empty()).join('\n'),
      );
      expect(await api.query('ALERTS{alertstate="firing"}')).toEqual([]);
    } finally {
      buying.abort();
      await customers;
      await prometheus?.stop();
      await service?.close();
    }
  });
});

/** Orders one thing after another until the signal. */
async function buy(orders: string, signal: AbortSignal): Promise<void> {
  for (let id = 1; !signal.aborted; id++) {
    const path = id % 10 === 0 ? '/lost' : `/orders/${id}`;
    await (await fetch(new URL(path, orders))).text();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('the dashboard and the rules ask for metrics that the service has', async () => {
  const service = await sample.start('dist/main.js', { PORT: '0', METRICS_PORT: '0' }, /metrics at (\S+)/);
  try {
    const known = new Set((await scrape(service.url)).families.map(({ name }) => name));
    const files = ['grafana/dashboards/app.json', 'app.rules.yml'].map((file) => readFile(join(folder, file), 'utf8'));
    const asked = (await Promise.all(files)).flatMap((text) =>
      Array.from(text.matchAll(/\b(?:order|http|process|nodejs)_[a-z_0-9]+/g), ([name]) => name),
    );
    expect(asked.length).toBeGreaterThan(20);
    const isKnown = (name: string) => known.has(name) || known.has(name.replace(/_(bucket|count|sum)$/, ''));
    expect(asked.filter((name) => !isKnown(name))).toEqual([]);
  } finally {
    await service.close();
  }
});

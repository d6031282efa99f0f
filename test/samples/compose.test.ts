import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleValue, scrape } from 'promark/testing';
import { parse, parseAllDocuments } from 'yaml';
import { repository } from '../support/processes.js';
import { describeWith } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { type BuiltSample, buildSample } from './built-sample.js';

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

describe('the service', () => {
  let sample: BuiltSample;

  beforeAll(async () => {
    sample = await buildSample('compose');
  });

  afterAll(() => sample?.remove());

  test('serves its metrics on a port of their own, and ends in order on SIGTERM', async () => {
    const both = /orders at \S+, metrics at \S+/;
    const server = await sample.start('dist/main.js', { PORT: '0', METRICS_PORT: '0' }, both);
    const [orders, metrics] = server.url.match(/http:\S+[\d\w]/g) ?? [];
    const answer = await fetch(new URL('/orders/7', orders));
    expect(await answer.text()).toBe('order 7\n');
    expect((await fetch(new URL('/health', orders))).status).toBe(200);
    await until('the order on the page', async () => {
      const page = await scrape(metrics);
      return (await sampleValue(page, 'order_seconds_count')) === 1;
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

describeWith(['promtool'], 'the configurations of Prometheus', () => {
  const check = async (...args: string[]) =>
    (await promisify(execFile)('promtool', ['check', 'config', ...args])).stdout;

  test('pass promtool', async () => {
    expect(await check(join(folder, 'prometheus.yml'))).toContain('SUCCESS');
    expect(await check('--agent', join(folder, 'prometheus-agent.yml'))).toContain('SUCCESS');
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { collectDefaultMetrics, type DefaultMetricsCollectorConfiguration, Registry } from 'promark';
import { describeWith } from '../support/required-programs.js';

const onLinux = process.platform === 'linux';

/** What a peer registers, determined in a separate process, because a peer's collectors cannot be stopped. */
function peer(name: string): { families: { name: string; type: string }[]; metricsList: string[] } {
  const source = `
    const { collectDefaultMetrics, register } = require(${JSON.stringify(name)});
    collectDefaultMetrics();
    register.getMetricsAsJSON().then((all) => console.log(JSON.stringify({
      families: all.map(({ name, type }) => ({ name, type })), metricsList: collectDefaultMetrics.metricsList,
    })));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', source], { encoding: 'utf8' }));
}

async function pageWith(config: DefaultMetricsCollectorConfiguration): Promise<string> {
  const register = new Registry();
  using _defaults = collectDefaultMetrics({ ...config, register });
  return register.metrics();
}

async function familiesWith(config: DefaultMetricsCollectorConfiguration) {
  const page = await pageWith(config);
  return [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name, type }));
}

async function namesWith(config: DefaultMetricsCollectorConfiguration) {
  return (await familiesWith(config)).map(({ name }) => name);
}

function sorted<T>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe('names of the default metrics', () => {
  test('equal those of @prometheus-io/client, with the same types', async () => {
    const { families, metricsList } = peer('@prometheus-io/client');
    expect(sorted(await familiesWith({}))).toEqual(sorted(families));
    expect(sorted(collectDefaultMetrics.metricsList)).toEqual(sorted(metricsList));
  });

  test('include all those of prom-client, with the same types', async () => {
    const { families, metricsList } = peer('prom-client');
    expect(await familiesWith({})).toEqual(expect.arrayContaining(families));
    expect(collectDefaultMetrics.metricsList).toEqual(expect.arrayContaining(metricsList));
  });

  test('without legacyNames omit the sums and give the utilization one name', async () => {
    const all = await namesWith({});
    const clean = await namesWith({ legacyNames: false });
    expect(all.filter((name) => !clean.includes(name))).toEqual([
      'nodejs_eventloop_utilization_summary',
      'nodejs_eventloop_utilization_histogram',
      'nodejs_active_resources_total',
      'nodejs_active_handles_total',
      'nodejs_active_requests_total',
    ]);
    expect(clean.filter((name) => !all.includes(name))).toEqual(['nodejs_eventloop_utilization_ratio']);
  });

  test('all begin with the prefix', async () => {
    const plain = await namesWith({});
    expect(await namesWith({ prefix: 'shop_' })).toEqual(plain.map((name) => `shop_${name}`));
  });

  test('end in their unit, which OpenMetrics shows', async () => {
    const register = new Registry();
    using _defaults = collectDefaultMetrics({ register, collectors: ['processCpuTotal', 'heapSizeAndUsed'] });
    const { body } = await register.render('application/openmetrics-text; version=1.0.0');
    const page = Buffer.from(body).toString();
    expect(page).toContain('# UNIT process_cpu_seconds seconds\n');
    expect(page).toContain('# UNIT nodejs_heap_size_used_bytes bytes\n');
  });
});

describeWith(['promtool'], 'promtool check metrics', () => {
  function complaints(page: string): string[] {
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
    return `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  }

  test('finds nothing without legacyNames', async () => {
    expect(complaints(await pageWith({ legacyNames: false }))).toEqual([]);
  });

  test('finds only legacyNames otherwise', async () => {
    const refused = complaints(await pageWith({})).map((line) => line.split(' ')[0]);
    const clean = await namesWith({ legacyNames: false });
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.filter((name) => clean.includes(name))).toEqual([]);
  });
});

describe('collectors', () => {
  const families: Record<string, string[]> = {
    processCpuTotal: [
      'process_cpu_user_seconds_total',
      'process_cpu_system_seconds_total',
      'process_cpu_seconds_total',
    ],
    processStartTime: ['process_start_time_seconds'],
    osMemoryHeap: [
      'process_resident_memory_bytes',
      ...(onLinux ? ['process_virtual_memory_bytes', 'process_heap_bytes'] : []),
    ],
    processOpenFileDescriptors: onLinux ? ['process_open_fds'] : [],
    processMaxFileDescriptors: onLinux ? ['process_max_fds'] : [],
    eventLoopUtilization: ['nodejs_eventloop_utilization_summary', 'nodejs_eventloop_utilization_histogram'],
    processResources: ['nodejs_active_resources', 'nodejs_active_resources_total'],
    processHandles: ['nodejs_active_handles', 'nodejs_active_handles_total'],
    processRequests: ['nodejs_active_requests', 'nodejs_active_requests_total'],
    heapSizeAndUsed: ['nodejs_heap_size_total_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_external_memory_bytes'],
    heapSpacesSizeAndUsed: [
      'nodejs_heap_space_size_total_bytes',
      'nodejs_heap_space_size_used_bytes',
      'nodejs_heap_space_size_available_bytes',
    ],
    version: ['nodejs_version_info'],
    gc: ['nodejs_gc_duration_seconds'],
    eventLoopLag: [
      'nodejs_eventloop_lag_seconds',
      'nodejs_eventloop_lag_min_seconds',
      'nodejs_eventloop_lag_max_seconds',
      'nodejs_eventloop_lag_mean_seconds',
      'nodejs_eventloop_lag_stddev_seconds',
      'nodejs_eventloop_lag_p50_seconds',
      'nodejs_eventloop_lag_p90_seconds',
      'nodejs_eventloop_lag_p99_seconds',
    ],
  };

  test('are listed in metricsList', () => {
    expect(collectDefaultMetrics.metricsList).toEqual(Object.keys(families));
  });

  test.each(collectDefaultMetrics.metricsList)(
    '%s can run alone, or be the only one that does not run',
    async (name) => {
      const mine = families[name];
      expect(await namesWith({ collectors: [name] })).toEqual(mine);
      expect(await namesWith({ collectors: { [name]: false } })).toEqual(
        (await namesWith({})).filter((family) => !mine?.includes(family ?? '')),
      );
    },
  );

  test('do not run with an empty array', async () => {
    expect(await namesWith({ collectors: [] })).toEqual([]);
  });
});

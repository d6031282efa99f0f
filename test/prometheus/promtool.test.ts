import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import {
  Counter,
  collectDefaultMetrics,
  type DefaultMetricsHandle,
  Histogram,
  Info,
  Registry,
  StateSet,
  writeToTextfile,
} from 'promark';
import { describeWith } from '../support/required-programs.js';
import { checkMetrics } from './promtool.js';

describeWith(['promtool'], 'promtool check metrics', () => {
  let handle: DefaultMetricsHandle | undefined;

  afterEach(() => handle?.stop());

  function registryWith(legacyNames: boolean): Registry {
    const registry = new Registry();
    handle = collectDefaultMetrics({ register: registry, legacyNames });
    const registers = [registry];
    new Counter({ name: 'orders_total', help: 'Orders', registers }).inc();
    new Histogram({ name: 'job_duration_seconds', help: 'Job time', registers }).observe(0.1);
    new Info({ name: 'build', help: 'Build', registers }).info({ version: '1.2.3' });
    new StateSet({ name: 'task', help: 'Task', states: ['starting', 'running'], registers });
    return registry;
  }

  test('finds nothing on a page without the legacy names', async () => {
    expect(await checkMetrics(await registryWith(false).metrics())).toEqual({ exitCode: 0, findings: [] });
  });

  test('finds nothing but names inherited from prom-client among the default metrics', async () => {
    const { exitCode, findings } = await checkMetrics(await registryWith(true).metrics());
    expect(exitCode).toBe(3);
    expect([...new Set(findings.map((finding) => finding.split(' ')[0]))].sort()).toEqual([
      'nodejs_active_handles_total',
      'nodejs_active_requests_total',
      'nodejs_active_resources_total',
      'nodejs_eventloop_utilization_histogram',
      'nodejs_eventloop_utilization_summary',
    ]);
  });

  test('finds nothing in a textfile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promark-promtool-'));
    try {
      const file = join(folder, 'job.prom');
      await writeToTextfile(file, registryWith(false));
      expect(await checkMetrics(await readFile(file, 'utf8'))).toEqual({ exitCode: 0, findings: [] });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('refuses something that is not a page', async () => {
    expect((await checkMetrics('orders_total{ 1\n')).exitCode).toBe(1);
  });
});

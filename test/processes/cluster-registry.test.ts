import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AggregatorRegistry, Registry } from 'promark';
import { bundle, endWithTests, plainEnvironment, repository } from '../support/processes.js';
import { describeBy } from '../support/required-programs.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'promark-cluster-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program that imports the sources as `promark`. Returns its output. */
async function run(name: string, source: string): Promise<string> {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, source);
  const outfile = join(folder, `${name}.mjs`);
  await bundle({ entryPoints: [file], outfile, alias: { promark: join(repository, 'lib/index.ts') } });
  const child = spawn(process.execPath, [outfile], { env: plainEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  endWithTests(child);
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await once(child, 'close');
  return printed;
}

/** Waits in the primary until the page has a line. */
const UNTIL = `
  import { until as poll } from ${JSON.stringify(join(repository, 'test/support/until.ts'))};
  const until = (page, line) =>
    poll(line, async () => {
      const text = await page();
      return text.includes(line) && text;
    });
`;

test('clusterMetrics shows all workers, without the primary', async () => {
  const printed = await run(
    'plain',
    `import cluster from 'node:cluster';
    import { AggregatorRegistry, Counter, Gauge } from 'promark';
    ${UNTIL}
    const aggregator = new AggregatorRegistry();
    const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['kind'] });
    const size = new Gauge({ name: 'size', help: 'Size' });
    if (cluster.isPrimary) {
      jobs.inc({ kind: 'primary' });
      for (let i = 0; i < 2; i++) cluster.fork();
      console.log(await until(() => aggregator.clusterMetrics(), 'jobs_total{kind="worker"} 4'));
      for (const worker of Object.values(cluster.workers ?? {})) worker?.kill();
      process.exit();
    } else {
      jobs.inc({ kind: 'worker' }, 2);
      size.set(5);
      setInterval(() => {}, 1000);
    }`,
  );
  expect(printed).toContain('\nsize 10\n');
  expect(printed).not.toContain('primary');
});

test('clusterMetrics of a ClusterRegistry shows the primary as well, as of now', async () => {
  const printed = await run(
    'with-primary',
    `import cluster from 'node:cluster';
    import { ClusterRegistry, Counter, Gauge } from 'promark';
    ${UNTIL}
    const registry = new ClusterRegistry();
    const jobs = new Counter({ name: 'jobs_total', help: 'Jobs' });
    if (cluster.isPrimary) {
      let size = 0;
      new Gauge({ name: 'size', help: 'Size', collect() { this.set(size); } });
      cluster.fork();
      await until(() => registry.clusterMetrics(), 'jobs_total 4');
      jobs.inc(2);
      size = 7;
      console.log(await registry.clusterMetrics());
      for (const worker of Object.values(cluster.workers ?? {})) worker?.kill();
      process.exit();
    } else {
      jobs.inc(4);
      setInterval(() => {}, 1000);
    }`,
  );
  expect(printed).toContain('\njobs_total 6\n');
  expect(printed).toContain('\nsize 7\n');
});

test('workers that were forked before join, with the registries that they name', async () => {
  const printed = await run(
    'late',
    `import cluster from 'node:cluster';
    import { ClusterRegistry, Counter, Registry } from 'promark';
    ${UNTIL}
    if (cluster.isPrimary) {
      const worker = cluster.fork();
      worker.once('message', async () => {
        const page = new ClusterRegistry();
        await until(() => page.clusterMetrics(), 'jobs_total 3');
        worker.send('own');
        console.log(await until(() => page.clusterMetrics(), 'other_total 7'));
        worker.kill();
        process.exit();
      });
    } else {
      const registry = new Registry();
      new Counter({ name: 'jobs_total', help: 'Jobs' }).inc(3);
      new Counter({ name: 'other_total', help: 'Other', registers: [registry] }).inc(7);
      process.on('message', (message) => message === 'own' && ClusterRegistry.setRegistries([registry]));
      process.send?.('ready');
    }`,
  );
  expect(printed).not.toContain('jobs_total 3');
});

test('anything but registries is refused', () => {
  expect(() => AggregatorRegistry.setRegistries({} as Registry)).toThrow(
    'AggregatorRegistry.setRegistries takes registries, got an object',
  );
  expect(() => AggregatorRegistry.setRegistries([new Registry()])).not.toThrow();
});

describeBy(
  process.platform === 'linux' ? { verdict: 'run' } : { verdict: 'skip', reason: 'only /proc tells who has ended' },
  'a temporary folder',
  () => {
    test('that a process has left, because a signal has ended it, is removed by the next one', async () => {
      const source = (end: string) => `import { multiprocess } from 'promark'; console.log(multiprocess().dir); ${end}`;
      const left = (await run('killed', source("process.kill(process.pid, 'SIGKILL');"))).trim();
      expect(existsSync(left)).toBe(true);
      const next = (await run('next', source(''))).trim();
      expect([existsSync(left), existsSync(next)]).toEqual([false, false]);
    });
  },
);

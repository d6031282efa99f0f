import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
import { buildPrograms, type Program, start } from '../exporters/programs.js';
import { repository } from '../support/processes.js';
import { describeBy, type Ruling } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { newFolder } from './folder.js';

/** Runs a command as the first process of a pid namespace, as in a container. */
const CONTAINED = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

const [unshare, ...args] = [...CONTAINED, 'true'];
const rule: Ruling =
  spawnSync(unshare, args).status === 0
    ? { verdict: 'run' }
    : { verdict: 'skip', reason: 'this user may not make pid namespaces' };

describeBy(rule, 'processes in two containers, with the same pid', () => {
  let programs: Awaited<ReturnType<typeof buildPrograms>>;
  const running: Program[] = [];

  beforeAll(async () => {
    programs = await buildPrograms('test/processes/counting.program.ts');
  });

  afterAll(async () => {
    for (const { process } of running) process.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    await programs.remove();
  });

  test('see each other live and die', async () => {
    const folder = join(newFolder(), 'metrics');
    const env = { PROMETHEUS_MULTIPROC_DIR: folder, NODE_PATH: join(repository, 'node_modules') };
    const command = [process.execPath, programs.path('counting.program.ts')];
    const contained = (count: number) => start([...CONTAINED, ...command], { ...env, COUNT: `${count}` });
    const outside = await start(command, { ...env, COUNT: '1' });
    const [one, two] = await Promise.all([contained(10), contained(100)]);
    running.push(outside, one, two);
    const page = async ({ url }: Program) => (await fetch(url)).text();
    for (const member of running) {
      const text = await page(member);
      expect(await sampleValue(text, 'all_total')).toBe(111);
      expect(await sampleValue(text, 'users')).toBe(6);
      expect(await sampleValue(text, 'promark_multiprocess_processes')).toBe(3);
    }
    expect(await sampleValue(await page(one), 'hits_total', { who: '1' })).toBe(110);

    two.process.kill('SIGKILL');
    await two.ended;
    for (const member of [one, outside]) {
      const text = await until('the end of the other one', async () => {
        const text = await page(member);
        return (await sampleValue(text, 'promark_multiprocess_processes')) === 2 && text;
      });
      expect(await sampleValue(text, 'users')).toBe(4);
      expect(await sampleValue(text, 'all_total')).toBe(111);
    }
    await until('the fold', () => readdirSync(folder).includes('acc-1'));
    for (const member of [one, outside]) expect(await sampleValue(await page(member), 'all_total')).toBe(111);
  });
});

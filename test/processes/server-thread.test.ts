import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildPrograms, type Program } from '../exporters/programs.js';
import { releaseFile } from '../exporters/thread/release-file.js';
import { ask } from '../support/http-client.js';
import { valuesByName } from '../support/page.js';
import { repository } from '../support/processes.js';
import { until } from '../support/until.js';
import { newFolder } from './folder.js';
import type { Kind } from './in-file.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;
const running: Program[] = [];

beforeAll(async () => {
  programs = await buildPrograms('test/exporters/thread/blocked.program.ts', 'test/processes/counting.program.ts');
});

afterAll(async () => {
  for (const { process } of running) process.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await programs.remove();
});

/** A value, whatever its labels: the busy program keeps changing its own. */
function valueIn(page: string, name: string): number | undefined {
  return valuesByName(page).get(name);
}

async function start(name: string, env: NodeJS.ProcessEnv): Promise<Program> {
  const program = await programs.start(name, env);
  running.push(program);
  return program;
}

describe.each<Kind>(['mapped', 'buffered'])('while a process with a %s file is blocked', (kind) => {
  test('others show what it counts, its server shows what they count, and folds those that end', async () => {
    const gate = await releaseFile();
    const folder = join(newFolder(), 'metrics');
    const env = {
      PROMETHEUS_MULTIPROC_DIR: folder,
      // Whether koffi is installed; without it, files are written periodically.
      ...(kind === 'mapped' && { NODE_PATH: join(repository, 'node_modules') }),
    };
    const busy = await start('blocked.program.ts', { ...env, ...gate.env });
    const other = await start('counting.program.ts', { ...env, COUNT: '5', LOG: join(newFolder(), 'log') });
    const page = async (program = busy): Promise<string> => (await ask(program.url)).body.toString();
    busy.process.kill('SIGUSR2');
    const first = await until('the main thread to be blocked', async () => {
      const text = await page();
      const isBlocked =
        (valueIn(text, 'turns_total') ?? 0) > 0 && valueIn(text, 'promark_main_thread_responsive') === 0;
      return isBlocked && valueIn(text, 'all_total') !== undefined && text;
    });
    expect(valueIn(first, 'promark_multiprocess_processes')).toBe(2);
    await until('a later count of the other process', async () => {
      return (valueIn(await page(), 'all_total') ?? 0) > (valueIn(first, 'all_total') ?? Number.NaN);
    });
    await until('a later count of the blocked process on the page of the other', async () => {
      return (valueIn(await page(other), 'turns_total') ?? 0) > (valueIn(first, 'turns_total') ?? Number.NaN);
    });
    await until('a series that was added meanwhile', async () =>
      / 1$/m.test((await page(other)).match(/laps_total\{.*/)?.[0] ?? ''),
    );

    other.process.kill('SIGKILL');
    await other.ended;
    const after = await page();
    expect(valueIn(after, 'promark_multiprocess_processes')).toBe(1);
    expect(valueIn(after, 'users')).toBeUndefined();
    expect(valueIn(after, 'promark_main_thread_responsive')).toBe(0);
    await until('the other file to be folded', () => readdirSync(folder).includes('acc-1'));
    const folded = await until('the fold on the page', async () => {
      const text = await page();
      return valueIn(text, 'promark_multiprocess_folded_total') === 1 && text;
    });
    expect(valueIn(folded, 'all_total')).toBe(valueIn(after, 'all_total'));
    busy.process.kill('SIGKILL');
    await gate.remove();
  });
});

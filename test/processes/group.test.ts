import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
import { buildPrograms, type Program } from '../exporters/programs.js';
import { repository } from '../support/processes.js';
import { until } from '../support/until.js';
import { newFolder } from './folder.js';
import type { Kind } from './in-file.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;
const running: Program[] = [];

beforeAll(async () => {
  programs = await buildPrograms('test/processes/counting.program.ts');
});

afterEach(async () => {
  await Promise.all(running.splice(0).map(kill));
});

afterAll(() => programs.remove());

async function start(kind: Kind, folder: string, more: NodeJS.ProcessEnv): Promise<Program> {
  const program = await programs.start('counting.program.ts', {
    PROMETHEUS_MULTIPROC_DIR: folder,
    // Whether koffi is installed; without it, files are written periodically.
    ...(kind === 'mapped' && { NODE_PATH: join(repository, 'node_modules') }),
    ...more,
  });
  running.push(program);
  return program;
}

async function kill(program: Program): Promise<void> {
  program.process.kill('SIGKILL');
  await program.ended;
}

async function page(program: Program): Promise<string> {
  return (await fetch(program.url)).text();
}

/** Repeats expectations until they hold. */
async function eventually(expectations: () => Promise<void>): Promise<void> {
  let fault: unknown;
  await until(
    'the expected page',
    async () => {
      try {
        await expectations();
        return true;
      } catch (error) {
        fault = error;
        return false;
      }
    },
    () => String(fault),
  );
}

describe.each<Kind>(['mapped', 'buffered'])('processes with %s files', (kind) => {
  test('show what all of them recorded, on the page of each', async () => {
    const folder = join(newFolder(), 'metrics');
    const group = await Promise.all(
      [1, 20, 300].map((count) => start(kind, folder, { COUNT: `${count}`, WHO: `w${count}` })),
    );
    for (const member of group) {
      await eventually(async () => {
        const text = await page(member);
        expect(await sampleValue(text, 'all_total')).toBe(321);
        expect(await sampleValue(text, 'hits_total', { who: 'w20' })).toBe(20);
        expect(await sampleValue(text, 'seconds_count')).toBe(321);
        expect(await sampleValue(text, 'latency_count')).toBe(321);
        expect(await sampleValue(text, 'users')).toBe(6);
        expect(await sampleValue(text, 'best')).toBe(300);
        expect(text.match(/^each\{pid="\d+"\}/gm)).toHaveLength(3);
        expect(await sampleValue(text, 'promark_multiprocess_processes')).toBe(3);
        expect(await sampleValue(text, 'promark_multiprocess_left_out_files')).toBe(0);
        expect(await sampleValue(text, 'promark_multiprocess_buffered_window_seconds')).toBe(
          kind === 'mapped' ? 0 : 0.25,
        );
      });
    }
  });

  test('keep what a killed one recorded, drop its live gauges at once, and fold its file', async () => {
    const folder = newFolder();
    const [one, two] = await Promise.all([start(kind, folder, { COUNT: '10' }), start(kind, folder, { COUNT: '5' })]);
    await eventually(async () => expect(await sampleValue(await page(one), 'all_total')).toBe(15));
    const before = await page(one);
    await kill(two);
    for (let scrape = 0; scrape < 4; scrape++) {
      const text = await page(one);
      expect(await sampleValue(text, 'all_total')).toBe(15);
      expect(await sampleValue(text, 'users')).toBe(2);
      expect(text.match(/^each\{/gm)).toHaveLength(2);
      for (const family of ['seconds', 'latency']) {
        const lines = (whole: string) => whole.split('\n').filter((line) => line.startsWith(family));
        expect(lines(text)).toEqual(lines(before));
      }
      await eventually(async () => expect(readdirSync(folder)).toContain('acc-1'));
    }
    // The other process's file with its socket, and the accumulator.
    await eventually(async () => expect(readdirSync(folder)).toHaveLength(3));
    expect(await sampleValue(await page(one), 'promark_multiprocess_folded_total')).toBe(1);
  });

  test('exclude an unreadable file, and log it', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, `${'0'.repeat(32)}.promark`), 'nothing');
    const one = await start(kind, folder, { COUNT: '3' });
    const text = await page(one);
    expect(await sampleValue(text, 'all_total')).toBe(3);
    expect(await sampleValue(text, 'promark_multiprocess_left_out_files')).toBe(1);
    expect(one.complaints()).toContain(`${'0'.repeat(32)}.promark`);
  });
});

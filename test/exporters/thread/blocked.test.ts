import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../../support/http-client.js';
import { valuesByName } from '../../support/page.js';
import { until } from '../../support/until.js';
import { buildPrograms } from '../programs.js';
import { type ReleaseFile, releaseFile } from './release-file.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;
let gate: ReleaseFile;

beforeAll(async () => {
  gate = await releaseFile();
  programs = await buildPrograms('test/exporters/thread/blocked.program.ts');
});

let process: ChildProcess | undefined;

afterAll(async () => {
  process?.kill('SIGKILL');
  await programs?.remove();
  await gate?.remove();
});

async function scrape(url: string): Promise<{ values: Map<string, number>; page: string }> {
  const page = (await ask(url)).body.toString();
  return { values: valuesByName(page), page };
}

describe('while the main thread is blocked', () => {
  test('scrapes are answered with current values', async () => {
    const program = await programs.start('blocked.program.ts', gate.env);
    const { url } = program;
    process = program.process;
    const before = await scrape(url);
    expect(before.values.get('promark_main_thread_responsive')).toBe(1);
    expect(before.values.get('nodejs_eventloop_stalled_seconds')).toBe(0);
    process.kill('SIGUSR2');

    const during: Awaited<ReturnType<typeof scrape>>[] = [];
    // Long enough for several laps of the loop, however slow the machine is.
    while (during.length < 5 || (during.at(-1)?.values.get('turns_total') ?? 0) < 30_000) {
      const next = await scrape(url);
      const turns = next.values.get('turns_total') ?? 0;
      // On a busy machine the main thread may appear to be blocked before it is.
      if (turns > 0 && next.values.get('promark_main_thread_responsive') === 0) during.push(next);
    }
    const [first, last] = [during[0], during[during.length - 1]];
    const rising = ['turns_total', 'turn_seconds_count', 'turn_size_count', 'nodejs_eventloop_stalled_seconds'];
    for (const name of [...rising, 'process_cpu_user_seconds_total']) {
      expect(last.values.get(name)).toBeGreaterThan(first.values.get(name) ?? Number.NaN);
    }
    expect(last.values.get('asked')).toBe(first.values.get('asked'));
    // Series and default labels that were added meanwhile.
    expect(last.page).toMatch(/^laps_total\{lap="2"\} 1$/m);
    expect(last.page).toMatch(/^turns_total\{lap="\w+"\} /m);
    expect(last.page).toMatch(/^turn_size\{lap="\w+",quantile="0.5"\} (4[89]|5[01])/m);

    await gate.release();
    const after = await until('the main thread to respond', async () => {
      const next = await scrape(url);
      return next.values.get('promark_main_thread_responsive') === 1 ? next : undefined;
    });
    expect(after.values.get('nodejs_eventloop_stalled_seconds')).toBe(0);
    expect(after.values.get('turns_total')).toBeGreaterThanOrEqual(last.values.get('turns_total') ?? Number.NaN);
    expect(after.values.get('asked')).toBeGreaterThan(last.values.get('asked') ?? Number.NaN);
    expect(after.page).toMatch(/^turns_total\{lap="done"\} /m);
  });
});

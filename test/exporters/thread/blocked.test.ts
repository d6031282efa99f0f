import type { ChildProcess } from 'node:child_process';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseText } from 'promark';
import { ask } from '../client.js';
import { buildPrograms } from '../programs.js';

/** How long the main thread stands still: long in CI, where nobody waits. */
const BLOCK_MS = env.CI === 'true' ? 30_000 : 3_000;

let programs: Awaited<ReturnType<typeof buildPrograms>>;

beforeAll(async () => {
  programs = await buildPrograms('test/exporters/thread/blocked.program.ts');
}, 60_000);

let process: ChildProcess | undefined;

afterAll(async () => {
  process?.kill();
  await programs?.remove();
});

/** The values of a page by the names of their samples; of several samples of one name, the number of them. */
async function scrape(url: string): Promise<{ values: Map<string, number>; page: string }> {
  const page = (await ask(url)).body.toString();
  const samples = parseText(page).flatMap((family) => family.samples);
  return { values: new Map(samples.map(({ name, value }) => [name, value])), page };
}

describe('while the main thread runs in a loop', () => {
  test(
    'scrapes are answered with the values of that moment',
    async () => {
      const program = await programs.start('blocked.program.ts', { BLOCK_MS: String(BLOCK_MS) });
      const { url } = program;
      process = program.process;
      const before = await scrape(url);
      expect(before.values.get('promark_main_thread_responsive')).toBe(1);
      expect(before.values.get('nodejs_eventloop_stalled_seconds')).toBe(0);
      process.kill('SIGUSR2');

      const during: Awaited<ReturnType<typeof scrape>>[] = [];
      for (;;) {
        const next = await scrape(url);
        const turns = next.values.get('turns_total') ?? 0;
        // On a busy machine the thread may seem to stand still before it does.
        if (turns > 0 && next.values.get('promark_main_thread_responsive') === 0) during.push(next);
        else if (during.length > 0) break;
      }
      // The loop may have ended in the middle of the last one.
      during.pop();
      expect(during.length).toBeGreaterThan(3);
      const [first, last] = [during[0], during[during.length - 1]];
      const rising = ['turns_total', 'turn_seconds_count', 'turn_size_count', 'nodejs_eventloop_stalled_seconds'];
      for (const name of [...rising, 'process_cpu_user_seconds_total']) {
        expect(last.values.get(name)).toBeGreaterThan(first.values.get(name) ?? Number.NaN);
      }
      expect(last.values.get('asked')).toBe(first.values.get('asked'));
      // Series and default labels that came up meanwhile.
      expect(last.page).toMatch(/^laps_total\{lap="2"\} 1$/m);
      expect(last.page).toMatch(/^turns_total\{lap="\w+"\} /m);
      expect(last.page).toMatch(/^turn_size\{lap="\w+",quantile="0.5"\} (4[89]|5[01])/m);

      const after = await scrape(url);
      expect(after.values.get('nodejs_eventloop_stalled_seconds')).toBe(0);
      expect(after.values.get('turns_total')).toBeGreaterThanOrEqual(last.values.get('turns_total') ?? Number.NaN);
      expect(after.values.get('asked')).toBeGreaterThan(last.values.get('asked') ?? Number.NaN);
      expect(after.page).toMatch(/^turns_total\{lap="done"\} /m);
    },
    BLOCK_MS + 60_000,
  );
});

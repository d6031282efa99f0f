import { env } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms, type Program } from '../exporters/programs.js';
import { describeWith } from './programs.js';
import { type Prometheus, startPrometheus } from './prometheus.js';

/** How long the main thread stands still: over 30 s in CI, where nobody waits. */
const BLOCK_MS = env.CI === 'true' ? 34_000 : 5_000;

describeWith(['prometheus'], 'Prometheus scrapes a process whose main thread runs in a loop', () => {
  let programs: Awaited<ReturnType<typeof buildPrograms>>;
  let program: Program;
  let prometheus: Prometheus;

  beforeAll(async () => {
    programs = await buildPrograms('test/exporters/thread/blocked.program.ts');
    program = await programs.start('blocked.program.ts', { BLOCK_MS: String(BLOCK_MS) });
    prometheus = await startPrometheus({ blocked: program.url });
  }, 60_000);

  afterAll(async () => {
    program?.process.kill('SIGKILL');
    await prometheus?.stop();
    await programs?.remove();
  });

  test(
    'and sees values that rise, for how long it has stood still, and when it is back',
    async () => {
      const { api } = prometheus;
      await api.untilScraped('blocked');
      program.process.kill('SIGUSR2');
      // Default labels change meanwhile, hence the aggregations.
      const responsive = 'max(promark_main_thread_responsive)';
      await api.untilValue(`max(turns_total) > 0 and ${responsive} == 0`);
      const seen: number[] = [];
      while ((await api.value(responsive)) === 0) {
        const turns = await api.value('max(turns_total)');
        if (turns !== undefined && turns !== seen.at(-1)) seen.push(turns);
        await pause(100);
      }
      expect(seen.length).toBeGreaterThan(2);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      const longest = await api.value('max(max_over_time(nodejs_eventloop_stalled_seconds[5m]))');
      expect(longest).toBeGreaterThan((BLOCK_MS - 3_500) / 1000);
      expect(await api.untilValue('max(nodejs_eventloop_stalled_seconds)', (seconds) => seconds === 0)).toBe(0);
      expect(await api.untilValue('turns_total{lap="done"}')).toBeGreaterThanOrEqual(seen.at(-1) ?? Number.NaN);
    },
    BLOCK_MS + 60_000,
  );
});

import { env } from 'node:process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms, type Program } from '../exporters/programs.js';
import { type ReleaseFile, releaseFile } from '../exporters/thread/release-file.js';
import { describeWith } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { type Prometheus, startPrometheus } from './prometheus.js';

/** How long the main thread is blocked at least: over 30 s in CI, where no developer waits. */
const BLOCK_SECONDS = env.CI === 'true' ? 32 : 2;

describeWith(['prometheus'], 'Prometheus scrapes a process whose main thread is blocked', () => {
  let programs: Awaited<ReturnType<typeof buildPrograms>>;
  let program: Program;
  let gate: ReleaseFile;
  let prometheus: Prometheus;

  beforeAll(async () => {
    programs = await buildPrograms('test/exporters/thread/blocked.program.ts');
    gate = await releaseFile();
    program = await programs.start('blocked.program.ts', gate.env);
    prometheus = await startPrometheus({ blocked: program.url });
  });

  afterAll(async () => {
    program?.process.kill('SIGKILL');
    await prometheus?.stop();
    await programs?.remove();
    await gate?.remove();
  });

  test('and sees rising values, how long it has been blocked, and when it recovers', async () => {
    const { api } = prometheus;
    await api.untilScraped('blocked');
    program.process.kill('SIGUSR2');
    // Default labels change meanwhile, hence the aggregations.
    const stalled = 'max(nodejs_eventloop_stalled_seconds)';
    await api.untilValue('max(turns_total) > 0 and max(promark_main_thread_responsive) == 0');
    const seen: number[] = [];
    await until('several scrapes of the blocked process', async () => {
      const turns = await api.value('max(turns_total)');
      if (turns !== undefined && turns !== seen.at(-1)) seen.push(turns);
      return seen.length > 2 && ((await api.value(stalled)) ?? 0) >= BLOCK_SECONDS;
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    await gate.release();
    expect(await api.untilValue(stalled, (seconds) => seconds === 0)).toBe(0);
    const longest = await api.value('max(max_over_time(nodejs_eventloop_stalled_seconds[5m]))');
    expect(longest).toBeGreaterThanOrEqual(BLOCK_SECONDS);
    expect(await api.untilValue('turns_total{lap="done"}')).toBeGreaterThanOrEqual(seen.at(-1) ?? Number.NaN);
  });
});

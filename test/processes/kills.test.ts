import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle, repository } from '../support/processes.js';
import { runs } from '../support/property-runs.js';
import { newFolder } from './folder.js';
import { run, sizeOf, view, type Work } from './kills.js';

let programs: string;
let program: string;

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'promark-kills-'));
  program = join(programs, 'steps.mjs');
  await bundle({
    entryPoints: [join(repository, 'test/processes/steps.program.ts')],
    outfile: program,
    alias: { promark: join(repository, 'lib/index.ts') },
  });
});

afterAll(() => rm(programs, { recursive: true, force: true }));

/** A folder for files, and a log next to it. */
function place() {
  const parent = newFolder();
  const folder = join(parent, 'metrics');
  mkdirSync(folder, { mode: 0o700 });
  return { folder, log: join(parent, 'log') };
}

/** Numbers from 1 to `most`, evenly spread. */
function spread(most: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1 + Math.floor((i * most) / count));
}

test.each<Work>(['mapped', 'buffered'])(
  'a %s file shows nothing wrong wherever its process is killed while it makes, fills and rewrites it',
  async (work) => {
    const { folder, log } = place();
    const steps = (await run(program, folder, work, 0, log)) ?? 0;
    expect(await view(folder)).toEqual({ total: sizeOf(log), wrong: [] });
    let total = sizeOf(log);
    for (const killAt of spread(steps, 5 * runs(1))) {
      const before = sizeOf(log);
      const shown = (await view(folder)).total;
      await run(program, folder, work, killAt, log);
      const after = await view(folder);
      expect(after.wrong).toEqual([]);
      const logged = sizeOf(log) - before;
      const gained = after.total - shown;
      // At most the last increment is not logged yet, or the last round of a file that is not mapped is not written.
      expect(gained).toBeLessThanOrEqual(logged + 1);
      expect(gained).toBeGreaterThanOrEqual(logged - (work === 'mapped' ? 0 : 20));
      total = after.total;
    }
    expect(total).toBeGreaterThan(0);
  },
);

test('folding loses nothing and counts nothing twice, wherever it is killed', async () => {
  const { folder, log } = place();
  let steps = 0;
  const kills = 6 * runs(1);
  for (let kill = 0; kill < kills; kill++) {
    await run(program, folder, 'dead', 0, log);
    const before = await view(folder);
    expect(before).toEqual({ total: sizeOf(log), wrong: [] });
    if (steps === 0) {
      steps = (await run(program, folder, 'fold', 0, log)) ?? 0;
      expect(steps).toBeGreaterThan(5);
    }
    await run(program, folder, 'fold', 1 + Math.floor((kill * steps) / kills), log);
    expect(await view(folder)).toEqual(before);
  }
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseText } from 'promark';

const entry = resolve(import.meta.dirname, '../../dist/index.js');
const ROWS = 5_000;

let folder: string;

beforeEach(async () => {
  if (!existsSync(entry)) throw new Error('This test uses the built package, and there is none: npm run build');
  folder = await mkdtemp(join(tmpdir(), 'promark-textfile-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes the file again and again, with new values in every row each time; reports the first write. */
async function writer(file: string) {
  const source = `
    import { Gauge, writeToTextfile } from ${JSON.stringify(pathToFileURL(entry).href)};
    const rows = new Gauge({ name: 'rows', help: 'Rows', labelNames: ['row'] });
    for (let value = 1; ; value++) {
      for (let row = 0; row < ${ROWS}; row++) rows.set({ row }, value);
      await writeToTextfile(${JSON.stringify(file)});
      if (value === 1) process.send('written');
    }
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const exited = once(child, 'exit');
  await Promise.race([once(child, 'message'), exited]);
  return { child, exited };
}

test('a process that is killed while it writes leaves a complete page', async () => {
  const file = join(folder, 'job.prom');
  for (let after = 0; after < 50; after += 10) {
    const { child, exited } = await writer(file);
    await pause(after);
    child.kill('SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
    const [rows] = parseText(await readFile(file, 'utf8'));
    expect(rows.samples).toHaveLength(ROWS);
    expect(new Set(rows.samples.map(({ value }) => value)).size).toBe(1);
  }
  // The node exporter ignores the file that it was about to write.
  expect((await readdir(folder)).filter((name) => name.endsWith('.prom'))).toEqual(['job.prom']);
});

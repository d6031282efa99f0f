import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { threadProgram } from '../../../lib/exporters/thread/start-thread.js';
import { ask } from '../../support/http-client.js';
import { bundle, repository } from '../../support/processes.js';
import { until } from '../../support/until.js';
import { start } from '../programs.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promark-memory-'));
  await bundle({
    entryPoints: [join(repository, 'test/exporters/thread/out-of-memory.program.ts')],
    outfile: join(folder, 'program.mjs'),
    alias: { promark: join(repository, 'lib/index.ts') },
  });
  await copyFile(threadProgram.locateLater(), join(folder, 'server-thread-later.cjs'));
  // The server's thread, which fills its heap when the process gets SIGUSR2: the signal's file is what it waits for.
  await writeFile(
    join(folder, 'server-thread.cjs'),
    `const { existsSync, rmSync } = require('node:fs');
    const signal = ${JSON.stringify(join(folder, 'fill'))};
    setInterval(() => {
      if (!existsSync(signal)) return;
      rmSync(signal);
      const kept = [];
      for (;;) kept.push(new Array(1000).fill({ number: kept.length }));
    }, 10).unref();
    require(${JSON.stringify(threadProgram.locate().pathname)});`,
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a thread that runs out of memory is replaced, and the process lives on', async () => {
  // Quiet: Jest takes a worker whose output speaks of memory for one that has run out of it.
  const command = [process.execPath, '--max-old-space-size=64', join(folder, 'program.mjs')];
  const program = await start(command, {}, true);
  try {
    const page = async () => (await ask(program.url)).body.toString();
    expect(await page()).toContain('jobs_total 7\n');
    await writeFile(join(folder, 'fill'), '');
    const restarted = /^promark_server_thread_restarts_total\{port="\d+"\} 1$/m;
    await until('the thread to be replaced', async () => restarted.test(await page().catch(() => '')));
    expect(await page()).toContain('jobs_total 7\n');
    expect(program.complaints()).toContain('reaching memory limit');
    expect(program.process.exitCode).toBeNull();
  } finally {
    program.process.kill('SIGKILL');
  }
});

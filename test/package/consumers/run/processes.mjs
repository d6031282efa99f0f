// Two processes share a page, with mapped files and with files that are written at intervals. One of them is killed.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Counter, MultiProcessCollector, multiprocess, Registry } from 'promark';

const [how, dir] = process.argv.slice(2);

if (how !== undefined) {
  const { isMapped } = multiprocess({ dir, mapped: how === 'mapped' });
  new Counter({ name: 'jobs_total', help: 'Jobs' }).inc(5);
  process.send(isMapped ? 'mapped' : 'buffered');
  setInterval(() => {}, 60_000);
} else {
  for (const kind of ['mapped', 'buffered']) {
    const folder = mkdtempSync(join(tmpdir(), 'promark-processes-'));
    const child = fork(fileURLToPath(import.meta.url), [kind, folder], { stdio: 'ignore' });
    const [used] = await once(child, 'message');
    assert.equal(used, kind);
    const registry = new Registry();
    new MultiProcessCollector(registry, { dir: folder });
    if (kind === 'buffered') while (!(await registry.metrics()).includes('jobs_total 5')) await pause(20);
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (let page = 0; page < 3; page++) assert.match(await registry.metrics(), /^jobs_total 5$/m);
    rmSync(folder, { recursive: true, force: true });
  }
}

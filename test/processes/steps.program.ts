import { openSync, writeSync } from 'node:fs';
import { Counter, Registry, SharedStore } from 'promark';
import { Folder } from '../../lib/processes/folder.js';
import { Group } from '../../lib/processes/group.js';
import { mapFile } from '../../lib/processes/mapping.js';
import { crashPoint } from '../../lib/processes/process-file.js';
import { RegistryFile } from '../../lib/processes/registry-file.js';

// Does one kind of work in a folder, and kills itself at one of its steps.
const [path, work, killAt, log] = process.argv.slice(2);
let steps = 0;
crashPoint.reached = () => {
  steps += 1;
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};
const folder = new Folder(path, false);

/** Counts in a file, with a series name for each value. Everything counted is logged. */
function count(map: ReturnType<typeof mapFile>, registries: number): void {
  for (let i = 0; i < registries; i++) {
    const registry = new Registry({ store: new SharedStore(), logger: { warn() {} } });
    const file = new RegistryFile(registry, folder, { map, flushMs: 250, thread: false, worker: undefined });
    const all = new Counter({ name: 'all_total', help: 'All', registers: [registry] });
    const churn = new Counter({ name: 'churn_total', help: 'Churn', labelNames: ['value'], registers: [registry] });
    const fd = openSync(log, 'a');
    for (let round = 1; round <= 60; round++) {
      for (let n = 0; n < 20; n++) {
        all.inc();
        writeSync(fd, 'x');
        churn.inc({ value: round * 100 + n }, round * 100 + n);
      }
      for (let n = 0; n < 15; n++) churn.remove(`${round * 100 + n}`);
      if (round % 20 === 0) file.rewrite();
      // Also ends the turn.
      file.tick();
    }
  }
}

async function fold(): Promise<void> {
  const group = new Group(
    folder,
    () => new Set(),
    () => ({}),
    { warn: console.error, instrumentation: console.error },
  );
  await group.read();
  group.fold();
}

if (work === 'fold') await fold();
else count(work === 'mapped' ? mapFile() : undefined, work === 'dead' ? 3 : 1);
process.stdout.write(`${steps}`);
process.kill(process.pid, 'SIGKILL');

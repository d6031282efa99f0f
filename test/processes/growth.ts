import { readdirSync } from 'node:fs';
import { Counter, Gauge, Histogram, MultiProcessCollector, Registry, SharedStore } from 'promark';
import { FileMemory } from '../../lib/processes/file-memory.js';
import { type Identity, newIdentity } from '../../lib/processes/identity.js';
import { ProcessFile } from '../../lib/processes/process-file.js';
import { JournalPublisher } from '../../lib/replica/publish/journal-publisher.js';

/** Beyond the pids of any system. */
const NO_PID = 2 ** 23;

/** Writes the file of a process: of this one, or as one leaves it that has ended. */
export function writeFile(folder: string, isAlive: boolean): void {
  const gone: Partial<Identity> = isAlive ? {} : { pid: NO_PID, tid: NO_PID, startTicks: '1' };
  const file = new ProcessFile(folder, { ...newIdentity(), ...gone }, 'buffered');
  const memory = new FileMemory(file);
  const registry = new Registry({ store: new SharedStore() });
  const registers = [registry];
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['kind'], registers });
  for (let kind = 0; kind < 100; kind++) jobs.inc({ kind });
  new Histogram({ name: 'job_seconds', help: 'Jobs', registers }).observe(1);
  new Gauge({ name: 'users', help: 'Users', aggregate: 'livesum', registers }).set(1);
  const publication = new JournalPublisher(memory, registry.faults);
  registry.observe(publication);
  for (const _ of publication.description());
  publication.journal.flush();
  memory.commit(Date.now(), !isAlive);
  file.publish();
  file.close();
}

/** The page of a process that shows all of them. */
export function pageOf(folder: string): () => Promise<{ readonly ms: number; readonly jobs: number }> {
  const registry = new Registry();
  new MultiProcessCollector(registry, { dir: folder });
  return async () => {
    const start = performance.now();
    const { text } = await registry.render();
    const ms = performance.now() - start;
    return { ms, jobs: Number(/^jobs_total\{kind="7"\} (\d+)$/m.exec(text)?.[1]) };
  };
}

export const filesIn = (folder: string): number => readdirSync(folder).length;

import { readdirSync } from 'node:fs';
import { Counter, Gauge, Histogram, MultiProcessCollector, Registry, SharedStore } from 'promark';
import { FileMemory } from '../../lib/processes/file-memory.js';
import { type Identity, newIdentity } from '../../lib/processes/identity.js';
import { ProcessFile } from '../../lib/processes/process-file.js';
import { JournalPublisher } from '../../lib/replica/publish/journal-publisher.js';

/** Larger than any system's pids. */
const NO_PID = 2 ** 23;

/** Writes the file of a process: of this one, or as left behind by one that has ended. */
export function writeFile(folder: string, isAlive: boolean): void {
  leaveFile(
    folder,
    (registers) => {
      const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['kind'], registers });
      for (let kind = 0; kind < 100; kind++) jobs.inc({ kind });
      new Histogram({ name: 'job_seconds', help: 'Jobs', registers }).observe(1);
      new Gauge({ name: 'users', help: 'Users', aggregate: 'livesum', registers }).set(1);
    },
    isAlive ? {} : { identity: GONE, isClosed: true },
  );
}

/** Who has ended, or has never been. */
export const GONE: Partial<Identity> = { pid: NO_PID, tid: NO_PID, startTicks: '1' };

/** What is said of a process in its file. */
export interface Left {
  readonly identity?: Partial<Identity>;
  /** When it gave its last sign of life, in milliseconds since the epoch. Default: now. */
  readonly heartbeat?: number;
  /** Whether it said that it was ending. Default: no. */
  readonly isClosed?: boolean;
}

/** Writes the file of a process with what it has counted. Returns its path. */
export function leaveFile(folder: string, count: (registers: Registry[]) => void, left: Left = {}): string {
  const { identity, heartbeat = Date.now(), isClosed = false } = left;
  const file = new ProcessFile(folder, { ...newIdentity(), ...identity }, 'buffered');
  const memory = new FileMemory(file);
  const registry = new Registry({ store: new SharedStore() });
  count([registry]);
  const publication = new JournalPublisher(memory, registry.faults);
  registry.observe(publication);
  for (const _ of publication.description());
  publication.journal.flush();
  memory.commit(heartbeat, isClosed);
  file.publish();
  file.close();
  return file.path;
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

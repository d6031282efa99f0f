import type { MessagePort } from 'node:worker_threads';
import type { Registry } from '../../registry/registry.js';
import { JournalPublisher } from '../../replica/publish/journal-publisher.js';
import { ThreadMemory } from '../../replica/thread-memory.js';

/** What a server's thread is told of a registry. */
export interface AttachedPublisher {
  readonly publication: JournalPublisher;
  /** Resolves when the thread knows everything, and rejects where that cannot be described. */
  readonly described: Promise<void>;
  /** Ends it, for good. */
  end(): void;
}

/** Begins to describe a registry in shared memory, which it hands over through a port. */
export function attachPublisher(registry: Registry, memory: MessagePort): AttachedPublisher {
  const threadMemory = new ThreadMemory();
  const publication = new JournalPublisher(threadMemory, registry.faults);
  memory.unref();
  const unlisten = threadMemory.listen((transfer) => memory.postMessage(transfer));
  const unobserve = registry.observe(publication);
  const end = () => {
    unobserve();
    unlisten();
    publication.end();
    memory.close();
  };
  return { publication, described: publication.describe(), end };
}

import type { Registry } from 'promark';
import { Mirror } from '../../lib/replica/mirror/mirror.js';
import { MirrorRegistry, type ScrapeAnswer } from '../../lib/replica/mirror/mirror-registry.js';
import { JournalPublisher } from '../../lib/replica/publish/journal-publisher.js';
import { type MemoryTransfer, ThreadMemory } from '../../lib/replica/thread-memory.js';

/** A registry, described in its current state, and its mirror. */
export function mirrored(registry: Registry) {
  const started = mirroring(registry);
  finish(started.publication.description());
  return started;
}

/** Completes work that is done in steps. */
export function finish(steps: Iterator<unknown>): void {
  while (steps.next().done !== true);
}

/** A registry and its mirror in one thread: the mirror only uses shared memory. */
export function mirroring(registry: Registry) {
  const memory = new ThreadMemory();
  const publication = new JournalPublisher(memory, registry.faults);
  const end = registry.observe(publication);
  const queue: MemoryTransfer[] = [];
  memory.listen((handed) => queue.push(handed));
  let withheld = 0;
  const mirror = new Mirror(() => (queue.length > withheld ? queue.shift() : undefined));
  let answer: ScrapeAnswer | undefined;
  const pages = new MirrorRegistry(mirror, {
    refresh: async () => answer,
    fallbacks: async () => [],
    threadFamilies: () => [],
  });
  return {
    publication,
    mirror,
    end,
    /** The page as the mirror renders it, without asking the registry. */
    async page(accept?: string, names: readonly string[] = []): Promise<string> {
      publication.journal.flush();
      return (await pages.render({ accept, names })).text;
    },
    /** The bytes of that page. */
    async bytes(accept: string): Promise<Uint8Array> {
      publication.journal.flush();
      return (await pages.render({ accept, names: [] })).body;
    },
    /** Holds back the latest messages with memory. */
    withhold(messages: number) {
      withheld = messages;
    },
    answer(given: ScrapeAnswer | undefined) {
      answer = given;
    },
  };
}

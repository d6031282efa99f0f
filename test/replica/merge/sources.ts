import type { Registry } from 'promark';
import { PageMerger } from '../../../lib/replica/merge/page-merger.js';
import { JournalSource, type MergeSource } from '../../../lib/replica/merge/source.js';
import { mirrored } from '../mirrored.js';

/** A source that is a registry of this thread, read through its journal like that of another thread. */
export function sourceOf(registry: Registry, worker: number): JournalSource & { flush(): void } {
  const { mirror, publication } = mirrored(registry);
  const source = new JournalSource(mirror, {
    labels: { worker: String(worker) },
    startedAt: Date.now() + worker,
  });
  return Object.assign(source, { flush: () => publication.journal.flush() });
}

/** Makes a registry's pages include sources, which may join and leave. */
export function mergeInto(registry: Registry, sources: readonly MergeSource[]): void {
  const others = {
    async sources() {
      for (const source of sources) (source as Partial<ReturnType<typeof sourceOf>>).flush?.();
      return sources;
    },
  };
  registry.setMerging(new PageMerger(others, ['worker'], registry.faults));
}

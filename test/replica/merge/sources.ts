import type { Registry } from 'promark';
import { PageMerger } from '../../../lib/replica/merge/page-merger.js';
import { JournalSource, type MergeSource } from '../../../lib/replica/merge/source.js';
import type { SourceMerger } from '../../../lib/replica/merge/source-merger.js';
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

/** Makes a registry's pages include sources, which may join and leave. Returns what merges them. */
export function mergeInto(registry: Registry, sources: readonly MergeSource[]): SourceMerger {
  const others = {
    async sources() {
      for (const source of sources) (source as Partial<ReturnType<typeof sourceOf>>).flush?.();
      return sources;
    },
  };
  const merger = new PageMerger(others, ['worker'], registry.faults);
  registry.setMerging(merger);
  return merger.sources;
}

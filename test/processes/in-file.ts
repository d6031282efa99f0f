import { type Registry, SharedStore } from 'promark';
import { FileMemory } from '../../lib/processes/file-memory.js';
import { FileReader } from '../../lib/processes/file-reader.js';
import { newIdentity } from '../../lib/processes/identity.js';
import { mapFile } from '../../lib/processes/mapping.js';
import { ProcessFile } from '../../lib/processes/process-file.js';
import { MirrorRegistry } from '../../lib/replica/mirror/mirror-registry.js';
import { JournalPublisher } from '../../lib/replica/publish/journal-publisher.js';

export type Kind = 'mapped' | 'buffered';

/** A store and the file that holds it. */
export function fileStore(folder: string, kind: Kind) {
  const file = new ProcessFile(folder, newIdentity(), (kind === 'mapped' && mapFile()) || 'buffered');
  const memory = new FileMemory(file);
  const store = new SharedStore();
  if (kind === 'mapped') store.useMemory(memory);
  return { file, memory, store };
}

/** Publishes a registry in a file and reads it from there. */
export function published(registry: Registry, { file, memory }: ReturnType<typeof fileStore>, kind: Kind) {
  const publication = new JournalPublisher(memory, registry.faults);
  const end = registry.observe(publication);
  for (const _ of publication.description());
  const flush = () => {
    publication.journal.flush();
    if (kind === 'buffered') memory.commit(Date.now(), false);
  };
  flush();
  file.publish();
  const reader = new FileReader(file.path);
  const pages = new MirrorRegistry(reader.mirror, {
    refresh: async () => ({ failed: [], snapshotted: [], collectorFamilies: [] }),
    fallbacks: async () => [],
    threadFamilies: () => [],
  });
  return {
    publication,
    reader,
    flush,
    async page(): Promise<string> {
      flush();
      if (!reader.refresh()) throw new Error('The file could not be read.');
      return (await pages.render({ names: [] })).text;
    },
    close() {
      end();
      publication.end();
      reader.close();
      file.close();
    },
  };
}

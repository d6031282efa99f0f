// The part of the thread's program that is loaded when needed: values of other processes and threads, and default
// metrics of a program that is blocked. It would double the time to compile the program.
import type { FamilySnapshot } from '../../model/family.js';
import { startCollectors } from '../../registry/defaults/start-collectors.js';
import { Registry } from '../../registry/registry.js';
import type { ProcessCollector } from '../../registry/running-collectors.js';

export { GroupMerging } from '../../processes/group-merging.js';
export { ThreadSources } from '../../replica/threads/thread-sources.js';

/** Runs process collectors in this thread while the thread they belong to does not respond. */
export class FallbackCollectors {
  private readonly registry = new Registry();
  private readonly running = new Set<string>();

  /** Collects the current families of the collectors. */
  async families(collectors: readonly ProcessCollector[]): Promise<FamilySnapshot[]> {
    for (const collector of collectors) this.start(collector);
    return this.registry.gather();
  }

  private start({ name, prefix, labels }: ProcessCollector): void {
    const key = JSON.stringify([name, prefix]);
    if (this.running.has(key)) return;
    this.running.add(key);
    startCollectors({ register: this.registry, prefix, labels, collectors: [name] });
  }
}

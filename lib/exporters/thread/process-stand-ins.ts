import type { FamilySnapshot } from '../../model/family.js';
import { collectDefaultMetrics } from '../../registry/defaults/collect-default-metrics.js';
import type { DefaultCollectorName } from '../../registry/defaults/collectors.js';
import { Registry } from '../../registry/registry.js';
import type { ProcessCollector } from './messages.js';

/** Reads CPU time and memory of the process here when the thread that should do so stands still. */
export class ProcessStandIns {
  private registry = new Registry();
  private readonly known = new Set<string>();

  /** What the collectors say now. */
  async families(collectors: readonly ProcessCollector[]): Promise<FamilySnapshot[]> {
    for (const collector of collectors) this.start(collector);
    return this.registry.gather();
  }

  private start({ name, prefix, labels }: ProcessCollector): void {
    const key = JSON.stringify([name, prefix]);
    if (this.known.has(key)) return;
    this.known.add(key);
    const { registry: register } = this;
    collectDefaultMetrics({ register, prefix, labels, collectors: [name as DefaultCollectorName] });
  }
}

import type { FamilySnapshot } from '../model/family.js';
import { CHANGING_COLLECTORS, type DefaultCollectorName } from '../registry/defaults/collector-names.js';
import { startCollectors } from '../registry/defaults/start-collectors.js';
import { Registry } from '../registry/registry.js';
import { runningOn } from '../registry/running-collectors.js';

/** A process collector that runs on a registry, with the options that another thread needs to run it too. */
export interface ProcessCollector {
  readonly name: DefaultCollectorName;
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string | number>>;
}

/** The process collectors that run on a registry. */
export function processCollectors(registry: Registry): ProcessCollector[] {
  return [...runningOn(registry)].flatMap(([key, { scope }]) => {
    const name = CHANGING_COLLECTORS.find((collector) => key.startsWith(`${collector} `));
    if (name === undefined || !scope.intact) return [];
    return [{ name, prefix: scope.options.prefix, labels: scope.options.labels }];
  });
}

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

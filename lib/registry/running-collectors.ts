import { processWide } from '../model/process-wide.js';

/** A running collector of default metrics, with the number of handles that have not been stopped. */
export interface RunningCollector {
  readonly scope: {
    /** Whether its metrics are still registered. */
    readonly intact: boolean;
    readonly options: { readonly prefix: string; readonly labels: Readonly<Record<string, string | number>> };
    stop(): void;
  };
  users: number;
}

/** The collectors of each registry. All copies of promark in a process share them, like the default registry. */
function all(): WeakMap<object, Map<string, RunningCollector>> {
  return processWide('defaultMetrics.v1', () => new WeakMap());
}

/** Returns the running collectors of default metrics of a registry, by name and prefix. */
export function runningOn(registry: object): Map<string, RunningCollector> {
  let running = all().get(registry);
  if (running === undefined) {
    running = new Map();
    all().set(registry, running);
  }
  return running;
}

/**
 * Sets the running collectors of a registry aside, so that default metrics can be started again. The returned function
 * stops those that were started since, and restores the former ones.
 */
export function setAsideRunning(registry: object): () => void {
  const former = all().get(registry);
  all().delete(registry);
  return () => {
    for (const { scope } of runningOn(registry).values()) scope.stop();
    if (former === undefined) all().delete(registry);
    else all().set(registry, former);
  };
}

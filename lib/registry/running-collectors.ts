import { processWide } from '../model/process-wide.js';

/** A started collector of default metrics and how many handles have not been stopped yet. */
export interface RunningCollector {
  readonly scope: {
    /** Whether its metrics are still on the registry. */
    readonly intact: boolean;
    readonly options: { readonly prefix: string; readonly labels: Readonly<Record<string, string | number>> };
    stop(): void;
  };
  users: number;
}

/** The collectors of each registry. All copies of promark in a process share them, as they share the default registry. */
function all(): WeakMap<object, Map<string, RunningCollector>> {
  return processWide('defaultMetrics.v1', () => new WeakMap());
}

/** The default metrics' collectors that run on a registry, by name and prefix. */
export function runningOn(registry: object): Map<string, RunningCollector> {
  let running = all().get(registry);
  if (running === undefined) {
    running = new Map();
    all().set(registry, running);
  }
  return running;
}

/**
 * Lets the default metrics of a registry be started again, while those that run are hidden. The returned function
 * stops what has been started since, and brings the former ones back.
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

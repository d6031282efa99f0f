import { processWide } from '../model/process-wide.js';
import { CHANGING_COLLECTORS, type DefaultCollectorName } from './defaults/collector-names.js';

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

/** A process collector that runs on a registry, with the options that another thread needs to run it too. */
export interface ProcessCollector {
  readonly name: DefaultCollectorName;
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string | number>>;
}

/** The process collectors that run on a registry. */
export function processCollectors(registry: object): ProcessCollector[] {
  return [...runningOn(registry)].flatMap(([key, { scope }]) => {
    const name = CHANGING_COLLECTORS.find((collector) => key.startsWith(`${collector} `));
    if (name === undefined || !scope.intact) return [];
    return [{ name, prefix: scope.options.prefix, labels: scope.options.labels }];
  });
}

/**
 * Sets the running collectors of a registry aside, so that default metrics can be started again. The returned function
 * stops those that were started since, and restores the former ones.
 */
export function isolateRunning(registry: object): () => void {
  const former = all().get(registry);
  all().delete(registry);
  return () => {
    for (const { scope } of runningOn(registry).values()) scope.stop();
    if (former === undefined) all().delete(registry);
    else all().set(registry, former);
  };
}

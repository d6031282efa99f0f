import { ConfigError, show } from '../../model/errors.js';
import { warnOfUnknownOptions } from '../../model/options.js';
import { type RunningCollector, runningOn } from '../running-collectors.js';
import { collectorNames, collectors, type DefaultCollectorName, PROCESS_COLLECTORS } from './collectors.js';
import { type DefaultMetricsCollectorConfiguration, OPTION_NAMES, optionsOf, wantedCollectors } from './config.js';
import { CollectorScope, type Options } from './scope.js';

/** Ends what one call of `collectDefaultMetrics` has begun. */
export interface DefaultMetricsHandle extends Disposable {
  /**
   * Takes the metrics of this call off the registry and ends their observers, monitors and timers. Collectors that
   * another call on the registry uses as well go on until that one is stopped too. A second `stop()` does nothing.
   */
  stop(): void;
}

/** The type of `collectDefaultMetrics`: a function with a list of its collectors. */
export interface CollectDefaultMetrics {
  (config?: DefaultMetricsCollectorConfiguration | null): DefaultMetricsHandle;
  /** The names of all collectors, for the option `collectors`. */
  readonly metricsList: DefaultCollectorName[];
}

/**
 * Reports on the process, the garbage collector, the event loop and the heap under prom-client's names, so that existing
 * dashboards work. Collectors that the runtime or system does not support are left out. None keeps the process alive.
 *
 * A call on a registry that has default metrics already does not throw: collectors that run under the same prefix are
 * shared and keep the options that they were started with, others are started. Each ends when all calls that asked for
 * it are stopped. Collectors whose metrics were removed, as by `registry.clear()`, are started again.
 *
 * Throws ConfigError for an invalid option, and ConflictError if the registry has a metric of the same name that is not a
 * default metric; then nothing is started.
 *
 * @example
 * collectDefaultMetrics();
 *
 * @example
 * const defaults = collectDefaultMetrics({ register: registry, prefix: 'shop_', collectors: { gc: false } });
 * defaults.stop(); // or: using defaults = collectDefaultMetrics(…)
 */
export const collectDefaultMetrics: CollectDefaultMetrics = Object.assign(
  function collectDefaultMetrics(config?: DefaultMetricsCollectorConfiguration | null): DefaultMetricsHandle {
    if (config !== undefined && config !== null && (typeof config !== 'object' || Array.isArray(config))) {
      throw new ConfigError(`collectDefaultMetrics: options must be an object, got ${show(config)}.`);
    }
    const options = optionsOf(config ?? {});
    warnOfUnknownOptions('collectDefaultMetrics', config ?? {}, OPTION_NAMES, (message) =>
      options.register.faults.warn(message),
    );
    const wanted = wantedCollectors(config?.collectors);
    const joined: (() => void)[] = [];
    const stop = (): void => {
      for (const leave of joined.splice(0)) leave();
    };
    try {
      for (const name of wanted) joined.push(join(name, options));
    } catch (error) {
      stop();
      throw error;
    }
    return { stop, [Symbol.dispose]: stop };
  },
  { metricsList: [...collectorNames] },
);

/** Takes part in a collector, starting it where it does not run; returns how to leave it. */
function join(name: DefaultCollectorName, options: Options): () => void {
  const running = runningOn(options.register);
  const key = `${name} ${options.prefix}`;
  const part = intact(running.get(key)) ?? start(name, options);
  running.set(key, part);
  part.users += 1;
  return () => leave(part, running, key);
}

/** What runs, if it still has its metrics on the registry. What is left of it otherwise is ended. */
function intact(part: RunningCollector | undefined): RunningCollector | undefined {
  if (part === undefined || part.scope.intact) return part;
  part.scope.stop();
  return undefined;
}

function start(name: DefaultCollectorName, options: Options): RunningCollector {
  const scope = new CollectorScope(options, PROCESS_COLLECTORS.has(name));
  try {
    collectors[name](scope);
  } catch (error) {
    scope.stop();
    throw error;
  }
  return { scope, users: 0 };
}

function leave(part: RunningCollector, running: Map<string, RunningCollector>, key: string): void {
  part.users -= 1;
  if (part.users > 0) return;
  part.scope.stop();
  if (running.get(key) === part) running.delete(key);
}

import { COLLECTOR_NAMES, type DefaultCollectorName } from './collector-names.js';
import type { DefaultMetricsCollectorConfiguration, DefaultMetricsHandle } from './default-metrics-config.js';
import { startCollectors } from './start-collectors.js';

/** The type of `collectDefaultMetrics`: a function with a list of its collectors. */
export interface CollectDefaultMetrics {
  (config?: DefaultMetricsCollectorConfiguration | null): DefaultMetricsHandle;
  /** The names of all collectors, for the option `collectors`. */
  readonly metricsList: DefaultCollectorName[];
}

/**
 * Adds metrics of the process, the garbage collector, the event loop and the heap, under prom-client's names, so that
 * existing dashboards work. Collectors that the runtime or system does not support are left out. None keeps the process
 * alive.
 *
 * Further calls for the same registry do not throw: collectors that run under the same prefix are shared and keep their
 * options, others are started. Each collector stops when all calls that use it are stopped. Collectors whose metrics
 * were removed, as by `registry.clear()`, are started again.
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
  // A separate function, because Node loads the collectors only when they are first used.
  function collectDefaultMetrics(config?: DefaultMetricsCollectorConfiguration | null): DefaultMetricsHandle {
    return startCollectors(config);
  },
  { metricsList: [...COLLECTOR_NAMES] },
);

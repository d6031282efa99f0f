import { ConfigError, show } from '../../model/errors.js';
import { warnOfUnknownOptions } from '../../model/options.js';
import { type RunningCollector, runningOn } from '../running-collectors.js';
import { type DefaultCollectorName, PROCESS_COLLECTORS } from './collector-names.js';
import {
  type DefaultMetricsCollectorConfiguration,
  type DefaultMetricsHandle,
  OPTION_NAMES,
  optionsOf,
  wantedCollectors,
} from './default-metrics-config.js';
import { eventLoopLag, eventLoopUtilization, gc, heapSizeAndUsed, heapSpacesSizeAndUsed, version } from './nodejs.js';
import {
  osMemoryHeap,
  processCpuTotal,
  processHandles,
  processMaxFileDescriptors,
  processOpenFileDescriptors,
  processRequests,
  processResources,
  processStartTime,
} from './process.js';
import { CollectorScope, type DefaultCollector, type Options } from './scope.js';

/** All default collectors by name, in page order. */
const collectors = {
  processCpuTotal,
  processStartTime,
  osMemoryHeap,
  processOpenFileDescriptors,
  processMaxFileDescriptors,
  eventLoopUtilization,
  processResources,
  processHandles,
  processRequests,
  heapSizeAndUsed,
  heapSpacesSizeAndUsed,
  version,
  gc,
  eventLoopLag,
} satisfies Readonly<Record<DefaultCollectorName, DefaultCollector>>;

/** Implements `collectDefaultMetrics`. */
export function startCollectors(config?: DefaultMetricsCollectorConfiguration | null): DefaultMetricsHandle {
  if (config !== undefined && config !== null && (typeof config !== 'object' || Array.isArray(config))) {
    throw new ConfigError(`collectDefaultMetrics: options must be an object, got ${show(config)}.`);
  }
  const options = optionsOf(config ?? {});
  warnOfUnknownOptions('collectDefaultMetrics', config ?? {}, OPTION_NAMES, (message) =>
    options.register.faults.warn(message),
  );
  const wanted = wantedCollectors(config?.collectors);
  const started: (() => void)[] = [];
  const stop = (): void => {
    for (const release of started.splice(0)) release();
  };
  try {
    for (const name of wanted) started.push(acquire(name, options));
  } catch (error) {
    stop();
    throw error;
  }
  return { stop, [Symbol.dispose]: stop };
}

/** Uses a collector, which is started if it does not run. Returns a function that releases it. */
function acquire(name: DefaultCollectorName, options: Options): () => void {
  const all = runningOn(options.register);
  const key = `${name} ${options.prefix}`;
  const running = intact(all.get(key)) ?? start(name, options);
  all.set(key, running);
  running.users += 1;
  return () => release(running, all, key);
}

/** Returns a running collector if its metrics are still registered; otherwise stops it. */
function intact(running: RunningCollector | undefined): RunningCollector | undefined {
  if (running === undefined || running.scope.intact) return running;
  running.scope.stop();
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

function release(running: RunningCollector, all: Map<string, RunningCollector>, key: string): void {
  running.users -= 1;
  if (running.users > 0) return;
  running.scope.stop();
  if (all.get(key) === running) all.delete(key);
}

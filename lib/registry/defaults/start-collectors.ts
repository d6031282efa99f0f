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
import { eventLoopLag, eventLoopUtilization } from './event-loop.js';
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
import { gc, heapSizeAndUsed, heapSpacesSizeAndUsed, version } from './v8.js';

/** Every default collector under the name that switches it, in the order of the page. */
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

/** What `collectDefaultMetrics` does. */
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
    for (const leave of started.splice(0)) leave();
  };
  try {
    for (const name of wanted) started.push(join(name, options));
  } catch (error) {
    stop();
    throw error;
  }
  return { stop, [Symbol.dispose]: stop };
}

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

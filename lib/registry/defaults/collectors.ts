import { processHandles, processRequests, processResources } from './active-resources.js';
import { eventLoopLag, eventLoopUtilization } from './event-loop.js';
import {
  osMemoryHeap,
  processCpuTotal,
  processMaxFileDescriptors,
  processOpenFileDescriptors,
  processStartTime,
} from './process.js';
import type { DefaultCollector } from './scope.js';
import { gc, heapSizeAndUsed, heapSpacesSizeAndUsed, version } from './v8.js';

/** Every default collector under the name that switches it, in the order of the page. The names are prom-client's. */
export const collectors = {
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
  // Last, so that the turn it waits for is not among the active resources, nor the work of the others in its lag.
  eventLoopLag,
} satisfies Readonly<Record<string, DefaultCollector>>;

/** The name of one default collector, such as `gc` or `eventLoopLag`. */
export type DefaultCollectorName = keyof typeof collectors;

/** All names in the order of the page. */
export const collectorNames = Object.keys(collectors) as readonly DefaultCollectorName[];

/** Those that report on the whole process, whichever of its threads runs them. */
export const PROCESS_COLLECTORS: ReadonlySet<DefaultCollectorName> = new Set([
  'processCpuTotal',
  'processStartTime',
  'osMemoryHeap',
  'processOpenFileDescriptors',
  'processMaxFileDescriptors',
  'version',
]);

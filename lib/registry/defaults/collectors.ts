import { eventLoopLag } from './event-loop-lag.js';
import { eventLoopUtilization } from './event-loop-utilization.js';
import { gc } from './gc.js';
import { heapSizeAndUsed } from './heap-size-and-used.js';
import { heapSpacesSizeAndUsed } from './heap-spaces-size-and-used.js';
import { osMemoryHeap } from './os-memory-heap.js';
import { processCpuTotal } from './process-cpu-total.js';
import { processHandles } from './process-handles.js';
import { processMaxFileDescriptors } from './process-max-file-descriptors.js';
import { processOpenFileDescriptors } from './process-open-file-descriptors.js';
import { processRequests } from './process-requests.js';
import { processResources } from './process-resources.js';
import { processStartTime } from './process-start-time.js';
import type { DefaultCollector } from './scope.js';
import { version } from './version.js';

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

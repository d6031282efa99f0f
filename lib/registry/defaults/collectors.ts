import { processHandles, processRequests, processResources } from './active-resources.js';
import type { DefaultCollectorName } from './collector-names.js';
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

/** Every default collector under the name that switches it, in the order of the page. */
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
  eventLoopLag,
} satisfies Readonly<Record<DefaultCollectorName, DefaultCollector>>;

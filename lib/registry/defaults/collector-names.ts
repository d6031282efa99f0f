/** The names of all default collectors, which are prom-client's, in the order of the page. */
export const COLLECTOR_NAMES = [
  'processCpuTotal',
  'processStartTime',
  'osMemoryHeap',
  'processOpenFileDescriptors',
  'processMaxFileDescriptors',
  'eventLoopUtilization',
  'processResources',
  'processHandles',
  'processRequests',
  'heapSizeAndUsed',
  'heapSpacesSizeAndUsed',
  'version',
  'gc',
  // Last, so that the turn it waits for is not among the active resources, nor the work of the others in its lag.
  'eventLoopLag',
] as const;

/** The name of one default collector, such as `gc` or `eventLoopLag`. */
export type DefaultCollectorName = (typeof COLLECTOR_NAMES)[number];

/** Those that report on the whole process and change while it runs: a thread can run them for one that is blocked. */
export const CHANGING_COLLECTORS = ['processCpuTotal', 'osMemoryHeap', 'processOpenFileDescriptors'] as const;

/** All that report on the whole process, whichever of its threads runs them. */
export const PROCESS_COLLECTORS: ReadonlySet<DefaultCollectorName> = new Set([
  ...CHANGING_COLLECTORS,
  'processStartTime',
  'processMaxFileDescriptors',
  'version',
]);

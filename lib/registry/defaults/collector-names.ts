/** The names of all default collectors, as in prom-client, in page order. */
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
  // Last, so that its timer is not counted among the active resources, and its lag does not include the work of the
  // others.
  'eventLoopLag',
] as const;

/** The name of one default collector, such as `gc` or `eventLoopLag`. */
export type DefaultCollectorName = (typeof COLLECTOR_NAMES)[number];

/**
 * The collectors about the whole process whose values change. Another thread can run them while the main thread is
 * blocked.
 */
export const CHANGING_COLLECTORS = ['processCpuTotal', 'osMemoryHeap', 'processOpenFileDescriptors'] as const;

/** The collectors about the whole process, regardless of the thread that runs them. */
export const PROCESS_COLLECTORS: ReadonlySet<DefaultCollectorName> = new Set([
  ...CHANGING_COLLECTORS,
  'processStartTime',
  'processMaxFileDescriptors',
  'version',
]);

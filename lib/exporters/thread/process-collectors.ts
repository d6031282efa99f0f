import type { DefaultCollectorName } from '../../registry/defaults/collectors.js';

/** The default collectors whose numbers are those of the whole process, whichever thread reads them. */
export const PROCESS_COLLECTORS: readonly DefaultCollectorName[] = [
  'processCpuTotal',
  'osMemoryHeap',
  'processOpenFileDescriptors',
];

import process from 'node:process';
import { readProcFile } from './proc-file.js';
import type { DefaultCollector } from './scope.js';
import { sharedReading } from './shared-reading.js';

/** Memory as the system counts it: resident everywhere, virtual and heap where Linux tells. */
export const osMemoryHeap: DefaultCollector = (scope) => {
  const status = sharedReading(() => readProcFile('status'));
  const hasStatus = status() !== undefined;
  const rss = process.memoryUsage?.rss;
  if (!hasStatus && typeof rss !== 'function') return;

  scope.gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory size in bytes.' }, (set) =>
    set(bytesOf(status(), 'VmRSS') ?? rss?.()),
  );
  if (!hasStatus) return;
  scope.gauge({ name: 'process_virtual_memory_bytes', help: 'Virtual memory size in bytes.' }, (set) =>
    set(bytesOf(status(), 'VmSize')),
  );
  scope.gauge({ name: 'process_heap_bytes', help: 'Process heap size in bytes.' }, (set) =>
    set(bytesOf(status(), 'VmData')),
  );
};

/** A line of the file reads `VmRSS:     45732 kB`. */
function bytesOf(status: string | undefined, field: 'VmRSS' | 'VmSize' | 'VmData'): number | undefined {
  const kilobytes = status?.match(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm'))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

import process from 'node:process';
import type { DefaultCollector } from './scope.js';
import { sharedReading } from './shared-reading.js';

export const heapSizeAndUsed: DefaultCollector = (scope) => {
  if (typeof process.memoryUsage !== 'function') return;
  const memory = sharedReading(() => process.memoryUsage());

  scope.gauge({ name: 'nodejs_heap_size_total_bytes', help: 'Process heap size from Node.js in bytes.' }, (set) =>
    set(memory().heapTotal),
  );
  scope.gauge({ name: 'nodejs_heap_size_used_bytes', help: 'Process heap size used from Node.js in bytes.' }, (set) =>
    set(memory().heapUsed),
  );
  scope.gauge({ name: 'nodejs_external_memory_bytes', help: 'Node.js external memory size in bytes.' }, (set) =>
    set(memory().external),
  );
};

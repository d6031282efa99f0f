import * as v8 from 'node:v8';
import { runtime } from './runtime.js';
import type { DefaultCollector } from './scope.js';
import { sharedReading } from './shared-reading.js';

export const heapSpacesSizeAndUsed: DefaultCollector = (scope) => {
  // Bun answers with V8's spaces, but it has another engine: the numbers are made up from its one heap.
  if (typeof v8.getHeapSpaceStatistics !== 'function' || runtime === 'bun') return;
  const spaces = sharedReading(() => v8.getHeapSpaceStatistics());

  for (const [kind, field] of [
    ['total', 'space_size'],
    ['used', 'space_used_size'],
    ['available', 'space_available_size'],
  ] as const) {
    scope.gauge(
      {
        name: `nodejs_heap_space_size_${kind}_bytes`,
        help: `Process heap space size ${kind} from Node.js in bytes.`,
        labelNames: ['space'],
      },
      (set) => {
        for (const space of spaces()) set(space[field], space.space_name.replace(/_space$/, ''));
      },
    );
  }
};

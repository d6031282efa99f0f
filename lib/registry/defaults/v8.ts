import type { PerformanceEntry } from 'node:perf_hooks';
import { builtin } from '../../model/load-at-runtime.js';
import { type DefaultCollector, runtime, sharedReading } from './scope.js';

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

export const heapSpacesSizeAndUsed: DefaultCollector = (scope) => {
  // Bun has another engine: it returns V8's spaces, but with numbers made up from its single heap.
  const v8 = builtin('node:v8');
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

/** V8's numbers for the kinds of collection. Since Node 24, Node's constants name all but the second. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [1, 'minor'],
  [2, 'minor'],
  [4, 'major'],
  [8, 'incremental'],
  [16, 'weakcb'],
]);

/** Durations of garbage collections, by kind. */
export const gc: DefaultCollector = (scope) => {
  // Deno lists the entry type as supported, but no entry ever comes.
  if (runtime !== 'node' || !supportsGcEntries()) return;

  const histogram = scope.histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
    labelNames: ['kind'],
    buckets: scope.options.gcDurationBuckets,
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // In milliseconds.
      histogram.labels(...scope.labelValues(kindOf(entry))).observe(entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  scope.onStop(() => observer.disconnect());
};

function supportsGcEntries(): boolean {
  // Missing in Node's types.
  const observer = PerformanceObserver as { readonly supportedEntryTypes?: readonly string[] } | undefined;
  return observer?.supportedEntryTypes?.includes('gc') ?? false;
}

function kindOf(entry: PerformanceEntry): string {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return KINDS.get(detail?.kind ?? 0) ?? 'other';
}

/** Bun and Deno report the version of Node that they are compatible with. */
export const version: DefaultCollector = (scope) => {
  const [, major, minor, patch] = process.version?.match(/^v(\d+)\.(\d+)\.(\d+)/) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return;

  scope.gauge(
    {
      name: 'nodejs_version_info',
      help: 'Node.js version info.',
      labelNames: ['version', 'major', 'minor', 'patch'],
      aggregator: 'first',
    },
    (set) => set(1, process.version, Number(major), Number(minor), Number(patch)),
  );
};

import * as hooks from 'node:perf_hooks';
import { runtime } from './runtime.js';
import type { DefaultCollector } from './scope.js';

/** V8's numbers for the kinds of collection, of which Node's constants name all but the second since Node 24. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [1, 'minor'],
  [2, 'minor'],
  [4, 'major'],
  [8, 'incremental'],
  [16, 'weakcb'],
]);

/** How long the engine's garbage collections took, by kind. */
export const gc: DefaultCollector = (scope) => {
  // Deno lists the entry type as supported, but no entry ever comes.
  if (runtime !== 'node' || !supportsGcEntries()) return;

  const histogram = scope.histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
    labelNames: ['kind'],
    buckets: scope.options.gcDurationBuckets,
  });
  const observer = new hooks.PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // In milliseconds.
      histogram.labels(...scope.labelValues(kindOf(entry))).observe(entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  scope.onStop(() => observer.disconnect());
};

function supportsGcEntries(): boolean {
  // Types for Node leave the list out.
  const observer = hooks.PerformanceObserver as { readonly supportedEntryTypes?: readonly string[] } | undefined;
  return observer?.supportedEntryTypes?.includes('gc') ?? false;
}

function kindOf(entry: hooks.PerformanceEntry): string {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return KINDS.get(detail?.kind ?? 0) ?? 'other';
}

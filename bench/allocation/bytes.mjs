import { constants, PerformanceObserver } from 'node:perf_hooks';
import { check, median } from '../harness/loop.mjs';

/** Makes the young generation so large that nothing is collected between two readings, and exposes `gc()`. */
export const FLAGS = ['--expose-gc', '--min-semi-space-size=32', '--max-semi-space-size=32'];

/** Maximum number of bytes allocated between two readings: less than the young generation holds. */
const MAX_BYTES = 12 * 2 ** 20;

/**
 * Kinds of collections that free memory. Incremental marking steps and weak callbacks are reported too, but free
 * nothing.
 */
const FREEING = new Set([constants.NODE_PERFORMANCE_GC_MINOR, constants.NODE_PERFORMANCE_GC_MAJOR]);

/** The allocation of a reading itself. */
const READING = (() => {
  const grown = Array.from({ length: 100 }, () => {
    const before = process.memoryUsage().heapUsed;
    return process.memoryUsage().heapUsed - before;
  });
  return median(grown);
})();

/**
 * Returns the bytes that a call allocates on the heap, where `batch(n)` makes n calls: the growth of the used heap over
 * many calls, between collections. Readings during which something was collected are discarded; they must be the
 * minority. Warm-up calls get the code compiled; anything the compiler still allocates is spread over all calls.
 */
export async function bytesPerCall(batch, calls) {
  for (let i = 0; i < 40; i++) batch(20_000);
  // Compiled code arrives from another thread.
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let i = 0; i < 20; i++) batch(20_000);
  const collections = [];
  const observer = new PerformanceObserver((list) => {
    collections.push(...list.getEntries().filter(({ detail }) => FREEING.has(detail.kind)));
  });
  observer.observe({ entryTypes: ['gc'] });
  const reading = (n) => {
    globalThis.gc({ type: 'minor' });
    const start = performance.now();
    const before = process.memoryUsage().heapUsed;
    batch(n);
    const bytes = process.memoryUsage().heapUsed - before - READING;
    return { bytes, start, end: performance.now() };
  };
  let atOnce = Math.min(calls, Math.ceil(MAX_BYTES / Math.max(8, reading(1000).bytes / 1000)));
  try {
    for (;;) {
      const readings = Array.from({ length: Math.ceil(calls / atOnce) }, () => reading(atOnce));
      // Collections are reported with a delay.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const counted = readings.filter(({ start, end }) => {
        return !collections.some(({ startTime, duration }) => startTime < end && startTime + duration > start);
      });
      if (counted.length * 2 > readings.length) {
        return counted.reduce((sum, { bytes }) => sum + bytes, 0) / (counted.length * atOnce);
      }
      // Some work allocates little in most calls and a lot in a few.
      check(atOnce > 1000, 'memory was collected in most readings');
      atOnce = Math.ceil(atOnce / 4);
    }
  } finally {
    observer.disconnect();
  }
}

/**
 * Fails unless the method finds 0 bytes in a loop without objects, and 48 bytes in one that creates objects with three
 * fields.
 */
export async function calibrate() {
  const kept = new Array(64).fill(undefined);
  let sum = 0;
  const nothing = await bytesPerCall((n) => {
    for (let i = 0; i < n; i++) sum = (sum + i) | 0;
  }, 1e6);
  const known = await bytesPerCall((n) => {
    for (let i = 0; i < n; i++) kept[i & 63] = { a: i, b: i, c: i };
  }, 1e6);
  check(Math.abs(nothing) < 0.2, `measured ${nothing} bytes per iteration of a loop that allocates nothing`);
  check(Math.abs(known - 48) < 0.2, `measured ${known} bytes for an object of 48 bytes`);
  return { nothing, known };
}

import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { collectDefaultMetrics, type DefaultMetricsHandle, Registry } from 'promark';

setFlagsFromString('--expose-gc');
const collectGarbage: (options?: { type: 'minor' | 'major' }) => void = runInNewContext('gc');

let register: Registry;
let defaults: DefaultMetricsHandle;

beforeEach(() => {
  register = new Registry();
  defaults = collectDefaultMetrics({ register, collectors: ['gc'] });
});

afterEach(() => defaults.stop());

async function count(kind: string): Promise<number> {
  const page = await register.metrics();
  return Number(page.match(new RegExp(`^nodejs_gc_duration_seconds_count\\{kind="${kind}"\\} (\\d+)$`, 'm'))?.[1] ?? 0);
}

/**
 * Runs `body` and waits until observers are notified of its collections. This observer is the newest, so the others
 * have been notified before. Returns the entries that arrived in one list.
 */
function entriesOf(body: () => void): Promise<readonly PerformanceEntry[]> {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      observer.disconnect();
      resolve(list.getEntries());
    });
    observer.observe({ entryTypes: ['gc'] });
    body();
  });
}

function majorsOf(entries: readonly PerformanceEntry[]): PerformanceEntry[] {
  return entries.filter((entry) => {
    const { detail } = entry as { detail?: { kind: number } };
    return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
  });
}

describe('garbage collection', () => {
  test('is counted by kind, for every entry of a list', async () => {
    const major = await count('major');
    const minor = await count('minor');
    const entries = await entriesOf(() => {
      for (let i = 0; i < 5; i++) collectGarbage();
      for (let i = 0; i < 3; i++) collectGarbage({ type: 'minor' });
    });
    expect(entries.length).toBeGreaterThanOrEqual(8);
    expect((await count('major')) - major).toBeGreaterThanOrEqual(5);
    expect((await count('minor')) - minor).toBeGreaterThanOrEqual(3);
  });

  test('is measured in seconds', async () => {
    defaults.stop();
    register.clear();
    // Sees all that the collector sees, and perhaps an earlier collection.
    let total = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of majorsOf(list.getEntries())) total += duration / 1000;
    });
    observer.observe({ entryTypes: ['gc'] });
    defaults = collectDefaultMetrics({ register, collectors: ['gc'] });
    const entries = await entriesOf(() => collectGarbage());
    const page = await register.metrics();
    observer.disconnect();
    const sum = Number(page.match(/^nodejs_gc_duration_seconds_sum\{kind="major"\} (.+)$/m)?.[1]);
    const longest = Math.max(...majorsOf(entries).map(({ duration }) => duration)) / 1000;
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeGreaterThanOrEqual(longest * 0.999);
    expect(sum).toBeLessThanOrEqual(total * 1.001);
  });

  test('has the requested buckets', async () => {
    defaults.stop();
    defaults = collectDefaultMetrics({ register, collectors: ['gc'], gcDurationBuckets: [0.25, 4] });
    await entriesOf(() => collectGarbage());
    const page = await register.metrics();
    const bounds = [...page.matchAll(/_bucket\{[^}]*kind="major"[^}]*\}/g)].map(
      ([text]) => text.match(/le="([^"]+)"/)?.[1],
    );
    expect(bounds).toEqual(['0.25', '4.0', '+Inf']);
  });

  test('is not observed after stop', async () => {
    await entriesOf(() => collectGarbage());
    const metric = register.getSingleMetric('nodejs_gc_duration_seconds');
    defaults.stop();
    const kept = new Registry();
    if (metric === undefined) throw new Error('no metric');
    kept.registerMetric(metric);
    const before = await kept.metrics();
    expect(before).toMatch(/_count\{kind="major"\} [1-9]/);
    await entriesOf(() => collectGarbage());
    expect(await kept.metrics()).toBe(before);
  });

  test('is observed again after a restart, from 0', async () => {
    await entriesOf(() => collectGarbage());
    defaults.stop();
    defaults = collectDefaultMetrics({ register, collectors: ['gc'] });
    expect(await count('major')).toBe(0);
    await entriesOf(() => collectGarbage());
    expect(await count('major')).toBeGreaterThanOrEqual(1);
  });
});

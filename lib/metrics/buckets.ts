import { canonicalFloat } from '../model/canonical-float.js';
import { ConfigError, show } from '../model/errors.js';
import type { SampleShape } from '../model/live-family.js';

/** Default buckets, suited to durations of web requests in seconds. Those of the Go and Python clients. */
export const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * `count` buckets, each `width` above the one before.
 *
 * @example linearBuckets(0, 5, 4) // [0, 5, 10, 15]
 */
export function linearBuckets(start: number, width: number, count: number): number[] {
  if (!Number.isFinite(start))
    throw new ConfigError(`Linear buckets: start must be a finite number, got ${show(start)}.`);
  if (!(Number.isFinite(width) && width > 0))
    throw new ConfigError(`Linear buckets: width must be a number above 0, got ${show(width)}.`);
  checkCount('Linear', count);
  return Array.from({ length: count }, (_, i) => start + i * width);
}

/**
 * `count` buckets, each `factor` times the one before.
 *
 * @example exponentialBuckets(1, 2, 4) // [1, 2, 4, 8]
 */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  if (!(Number.isFinite(start) && start > 0))
    throw new ConfigError(`Exponential buckets: start must be a number above 0, got ${show(start)}.`);
  if (!(Number.isFinite(factor) && factor > 1))
    throw new ConfigError(`Exponential buckets: factor must be a number above 1, got ${show(factor)}.`);
  checkCount('Exponential', count);
  const buckets = [start];
  // Multiplied step by step, as in the Go client: a bound that differs in one bit would be another `le`, and so another
  // series.
  for (let i = 1; i < count; i++) buckets.push((buckets[i - 1] as number) * factor);
  return buckets;
}

function checkCount(kind: string, count: unknown): void {
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1) return;
  throw new ConfigError(`${kind} buckets: count must be a whole number of 1 or more, got ${show(count)}.`);
}

/** Checks a list of upper bounds and copies it, without the `+Inf` that every histogram has. Throws ConfigError. */
export function checkBuckets(buckets: unknown, family: string): readonly number[] {
  if (!Array.isArray(buckets))
    throw new ConfigError(`Histogram "${family}": buckets must be an array of upper bounds, got ${show(buckets)}.`);
  const bounds: readonly unknown[] = buckets.slice(0, buckets.at(-1) === Infinity ? -1 : undefined);
  for (let i = 0; i < bounds.length; i++) {
    const bound = bounds[i];
    if (typeof bound !== 'number' || !Number.isFinite(bound)) {
      throw new ConfigError(`Histogram "${family}": bucket ${i + 1} must be a finite number, got ${show(bound)}.`);
    }
    if (i > 0 && bound <= (bounds[i - 1] as number)) {
      throw new ConfigError(
        `Histogram "${family}": buckets must be in increasing order, but ${show(bound)} follows ${show(bounds[i - 1])}. Sort them and remove duplicates.`,
      );
    }
  }
  return bounds as readonly number[];
}

/** Shared by all histograms with the same bounds. */
interface BucketPlan {
  /** The upper bounds without `+Inf`, in which observations search. */
  readonly bounds: Float64Array;
  /** The lines of a series. */
  readonly shape: readonly SampleShape[];
}

/** The last plan: most histograms of a program have the same buckets. */
let latest: BucketPlan | undefined;

export function bucketPlan(buckets: readonly number[]): BucketPlan {
  if (latest === undefined || !areSame(latest.bounds, buckets)) {
    const shape = [...buckets, Infinity].map(
      (bound): SampleShape => ({ suffix: '_bucket', label: ['le', canonicalFloat(bound)] }),
    );
    latest = { bounds: Float64Array.from(buckets), shape: [...shape, { suffix: '_sum' }, { suffix: '_count' }] };
  }
  return latest;
}

/** Whether two lists have the same numbers in the same order. */
export function areSame(some: ArrayLike<number>, others: ArrayLike<number>): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}

import { canonicalFloat } from '../model/canonical-float.js';
import { ConfigError, show } from '../model/errors.js';

/** Suits the duration of web requests in seconds (the Python and Go clients' default). */
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
  // Multiplied step by step as the Go client does: a bound that is one bit off would be another `le`, another series.
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
  const bounds: unknown[] = Array.from(buckets);
  if (bounds.at(-1) === Infinity) bounds.pop();
  bounds.forEach((bound, i) => {
    if (typeof bound !== 'number' || !Number.isFinite(bound)) {
      throw new ConfigError(`Histogram "${family}": bucket ${i + 1} must be a finite number, got ${show(bound)}.`);
    }
    if (i > 0 && bound <= (bounds[i - 1] as number)) {
      throw new ConfigError(
        `Histogram "${family}": buckets must be in increasing order, but ${show(bound)} follows ${show(bounds[i - 1])}. Sort them and remove duplicates.`,
      );
    }
  });
  return bounds as number[];
}

/** The `le` labels of the bounds, `+Inf` included. */
export function bucketLabels(bounds: readonly number[]): string[] {
  return [...bounds, Infinity].map(canonicalFloat);
}

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
  if (!(count >= 1) || !Number.isInteger(count))
    throw new ConfigError(`Linear buckets need a count of 1 or more, not ${show(count)}.`);
  if (!(width > 0)) throw new ConfigError(`Linear buckets need a width above 0, not ${show(width)}.`);
  return Array.from({ length: count }, (_, i) => start + i * width);
}

/**
 * `count` buckets, each `factor` times the one before.
 *
 * @example exponentialBuckets(1, 2, 4) // [1, 2, 4, 8]
 */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  if (!(start > 0)) throw new ConfigError(`Exponential buckets start above 0, not at ${show(start)}.`);
  if (!(factor > 1)) throw new ConfigError(`Exponential buckets need a factor above 1, not ${show(factor)}.`);
  if (!(count >= 1) || !Number.isInteger(count))
    throw new ConfigError(`Exponential buckets need a count of 1 or more, not ${show(count)}.`);
  return Array.from({ length: count }, (_, i) => start * factor ** i);
}

/** Checks a list of upper bounds and copies it, without the `+Inf` that every histogram has. Throws ConfigError. */
export function checkBuckets(buckets: unknown, family: string): readonly number[] {
  if (!Array.isArray(buckets))
    throw new ConfigError(`Histogram "${family}": buckets is an array of upper bounds, not ${show(buckets)}.`);
  const bounds = buckets.at(-1) === Infinity ? buckets.slice(0, -1) : buckets.slice();
  bounds.forEach((bound: unknown, i) => {
    if (typeof bound !== 'number' || !Number.isFinite(bound)) {
      throw new ConfigError(
        `Histogram "${family}": bucket ${i + 1} is ${show(bound)}; an upper bound is a finite number.`,
      );
    }
    if (i > 0 && bound <= bounds[i - 1]) {
      throw new ConfigError(
        `Histogram "${family}": buckets rise, but ${show(bound)} follows ${show(bounds[i - 1])}. Sort them and drop doubles.`,
      );
    }
  });
  return bounds as number[];
}

/** The `le` labels of the bounds, `+Inf` included. */
export function bucketLabels(bounds: readonly number[]): string[] {
  return [...bounds, Infinity].map(canonicalFloat);
}

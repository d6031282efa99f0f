import { ConfigError, show } from '../../model/errors.js';
import { COARSEST_SCHEMA, FINEST_SCHEMA, schemaOf } from '../../model/exponential.js';
import { checkOptions, type OptionRule, type OptionRules } from '../../model/options.js';

/** Options of native buckets. Names and meaning follow the Go client's. */
export interface NativeOptions {
  /** Maximum ratio between the bounds of a bucket, above 1. Default: 1.1, which is schema 3. */
  readonly factor?: number;
  /** The resolution, instead of a factor, from -4 to 8: 2^schema buckets for each doubling of the value. */
  readonly schema?: number;
  /**
   * Maximum number of buckets of a series, of both signs together; 0 for no limit. Beyond it the series is narrowed: reset
   * if `minResetSeconds` allows it, else its zero bucket is widened up to `maxZeroThreshold`, else its resolution is halved.
   * Default: 160.
   */
  readonly maxBuckets?: number;
  /** Values within this distance of 0 count as zero; 0 for zero alone. Default: 2^-128. */
  readonly zeroThreshold?: number;
  /** How far the zero bucket may be widened. Default: 0. */
  readonly maxZeroThreshold?: number;
  /**
   * Minimum seconds between two resets of a series. A series that was narrowed is reset once they have passed, which
   * restores its resolution; Prometheus treats that as a restart. Default: 0, which is never.
   */
  readonly minResetSeconds?: number;
}

/** All options of a native histogram, checked. */
export interface NativePlan {
  readonly schema: number;
  /** Infinity for no limit. */
  readonly maxBuckets: number;
  readonly zeroThreshold: number;
  /** The zero threshold that values are compared with. */
  readonly reach: number;
  readonly maxZeroThreshold: number;
  /** Infinity for never. */
  readonly minResetMs: number;
}

const DEFAULT_FACTOR = 1.1;
const DEFAULT_MAX_BUCKETS = 160;
const DEFAULT_ZERO_THRESHOLD = 2 ** -128;

/** Checks the `native` option of a histogram. Returns undefined if it is not native. Throws ConfigError. */
export function checkNative(native: unknown, family: string): NativePlan | undefined {
  if (native === undefined || native === null || native === false) return undefined;
  if (native !== true && typeof native !== 'object') {
    throw new ConfigError(`Histogram "${family}": native must be true or an object of options, got ${show(native)}.`);
  }
  const options: NativeOptions = native === true ? {} : native;
  checkOptions<NativeOptions>(`Histogram "${family}": native`, options, NATIVE_RULES);
  const { maxBuckets = DEFAULT_MAX_BUCKETS, minResetSeconds = 0, zeroThreshold = DEFAULT_ZERO_THRESHOLD } = options;
  return {
    schema: checkSchema(options, family),
    maxBuckets: maxBuckets === 0 ? Infinity : maxBuckets,
    zeroThreshold,
    reach: reachOf(zeroThreshold),
    maxZeroThreshold: options.maxZeroThreshold ?? 0,
    minResetMs: minResetSeconds === 0 ? Infinity : minResetSeconds * 1000,
  };
}

/** Returns the threshold that values are compared with: infinite values count as the largest number. */
export function reachOf(threshold: number): number {
  return threshold === Number.MAX_VALUE ? Infinity : threshold;
}

/** Describes a plan for error messages about two different histograms. */
export function describeNative(plan: NativePlan): string {
  const { schema, maxBuckets, zeroThreshold, maxZeroThreshold, minResetMs } = plan;
  const zero = maxZeroThreshold > zeroThreshold ? `${zeroThreshold} to ${maxZeroThreshold}` : `${zeroThreshold}`;
  const reset = minResetMs === Infinity ? 'never reset' : `reset after ${minResetMs / 1000} s`;
  return `native buckets of schema ${schema} (at most ${maxBuckets}, zero up to ${zero}, ${reset})`;
}

const NOT_NEGATIVE: OptionRule = {
  expected: 'a number of 0 or more',
  accepts: (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
};

const NATIVE_RULES: OptionRules<NativeOptions> = {
  factor: {
    expected: 'a number above 1, such as 1.1',
    accepts: (value) => typeof value === 'number' && value > 1 && Number.isFinite(value),
  },
  schema: {
    expected: `a whole number from ${COARSEST_SCHEMA} to ${FINEST_SCHEMA}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= COARSEST_SCHEMA && Number(value) <= FINEST_SCHEMA,
  },
  maxBuckets: NOT_NEGATIVE,
  zeroThreshold: NOT_NEGATIVE,
  maxZeroThreshold: NOT_NEGATIVE,
  minResetSeconds: NOT_NEGATIVE,
};

function checkSchema({ factor, schema }: NativeOptions, family: string): number {
  if (factor !== undefined && schema !== undefined) {
    throw new ConfigError(`Histogram "${family}": native takes a factor or a schema, not both.`);
  }
  return schema ?? schemaOf(factor ?? DEFAULT_FACTOR);
}

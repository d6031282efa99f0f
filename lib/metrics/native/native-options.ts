import { ConfigError, show } from '../../model/errors.js';
import { COARSEST_SCHEMA, FINEST_SCHEMA, schemaOf } from '../../model/exponential.js';
import { checkOptions, type OptionRule, type OptionRules } from '../../model/options.js';

/** How a native histogram counts. Names and meaning follow the Go client's. */
export interface NativeOptions {
  /** By how much a bucket may be wider than the one before, above 1. Default: 1.1, which is schema 3. */
  readonly factor?: number;
  /** The resolution itself instead of a factor, from -4 to 8: 2^schema buckets for each doubling of the value. */
  readonly schema?: number;
  /**
   * The most buckets that a series may use, both signs together, before it is narrowed: reset where `minResetSeconds`
   * allows it, else its zero bucket widened as far as `maxZeroThreshold`, else its resolution halved. 0 for no limit.
   * Default: 160.
   */
  readonly maxBuckets?: number;
  /** What is no further from 0 than this counts as zero; 0 for nothing but zero itself. Default: 2^-128. */
  readonly zeroThreshold?: number;
  /** How far the zero bucket may be widened. Default: 0, which is not at all. */
  readonly maxZeroThreshold?: number;
  /**
   * Seconds that lie between two resets of a series at least. A series that was narrowed is reset when they have
   * passed, and so gets its resolution back; Prometheus takes that as it takes a restart. Default: 0, which is never.
   */
  readonly minResetSeconds?: number;
}

/** The options of a native histogram, all of them, as they were checked. */
export interface NativePlan {
  readonly schema: number;
  /** Infinity for no limit. */
  readonly maxBuckets: number;
  readonly zeroThreshold: number;
  /** The zero threshold as values are compared with it. */
  readonly reach: number;
  readonly maxZeroThreshold: number;
  /** Infinity for never. */
  readonly minResetMs: number;
}

const DEFAULT_FACTOR = 1.1;
const DEFAULT_MAX_BUCKETS = 160;
const DEFAULT_ZERO_THRESHOLD = 2 ** -128;

/** Checks the `native` option of a histogram. Undefined where it is not native; throws ConfigError. */
export function checkNative(given: unknown, family: string): NativePlan | undefined {
  if (given === undefined || given === null || given === false) return undefined;
  if (given !== true && typeof given !== 'object') {
    throw new ConfigError(`Histogram "${family}": native must be true or an object of options, got ${show(given)}.`);
  }
  const options: NativeOptions = given === true ? {} : given;
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

/** A threshold as values are compared with it: Infinity counts as the largest number there. */
export function reachOf(threshold: number): number {
  return threshold === Number.MAX_VALUE ? Infinity : threshold;
}

/** The plan in words, for messages about two histograms that are not alike. */
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

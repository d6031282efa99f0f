import { ConfigError, show } from '../../model/errors.js';
import { COARSEST_SCHEMA, FINEST_SCHEMA, schemaOf } from '../../model/exponential.js';

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
  const options = given === true ? {} : (given as Record<string, unknown>);
  const unknown = Object.keys(options).find((option) => !KNOWN.includes(option));
  if (unknown !== undefined) {
    throw new ConfigError(`Histogram "${family}": native has no option ${show(unknown)}: it has ${KNOWN.join(', ')}.`);
  }
  const number = (option: keyof NativeOptions, standard: number): number => {
    const value = options[option] ?? standard;
    if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
    throw new ConfigError(`Histogram "${family}": native.${option} must be a number of 0 or more, got ${show(value)}.`);
  };
  const maxBuckets = number('maxBuckets', DEFAULT_MAX_BUCKETS);
  const minResetSeconds = number('minResetSeconds', 0);
  const zeroThreshold = number('zeroThreshold', DEFAULT_ZERO_THRESHOLD);
  return {
    schema: checkSchema(options, family),
    maxBuckets: maxBuckets === 0 ? Infinity : maxBuckets,
    zeroThreshold,
    reach: reachOf(zeroThreshold),
    maxZeroThreshold: number('maxZeroThreshold', 0),
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

const KNOWN: readonly string[] = [
  'factor',
  'schema',
  'maxBuckets',
  'zeroThreshold',
  'maxZeroThreshold',
  'minResetSeconds',
] satisfies readonly (keyof NativeOptions)[];

function checkSchema({ factor, schema }: Record<string, unknown>, family: string): number {
  if (factor !== undefined && schema !== undefined) {
    throw new ConfigError(`Histogram "${family}": native takes a factor or a schema, not both.`);
  }
  if (schema !== undefined) {
    const whole = typeof schema === 'number' && Number.isInteger(schema);
    if (whole && schema >= COARSEST_SCHEMA && schema <= FINEST_SCHEMA) return schema;
    throw new ConfigError(
      `Histogram "${family}": native.schema must be a whole number from -4 to 8, got ${show(schema)}.`,
    );
  }
  const growth = factor ?? DEFAULT_FACTOR;
  if (typeof growth === 'number' && growth > 1 && Number.isFinite(growth)) return schemaOf(growth);
  throw new ConfigError(
    `Histogram "${family}": native.factor must be a number above 1, such as 1.1, got ${show(growth)}.`,
  );
}

import type { AnyMethod } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import type { NativeOptions } from '../metrics/native/native-options.js';
import type { FamilyType } from '../model/family-types.js';
import type { LabelName, LabelSpec, LabelValue } from '../model/labels.js';
import { type OptionRules, rule } from '../model/options.js';
import type { Registry } from '../registry/registry.js';
import { registryRule } from '../registry/registry-options.js';

/** Options of every decorator. */
export interface NameOptions {
  /**
   * Value of the `class` label. Default: the name of the class that declares the method. Set it if code is minified.
   * `'runtime'` means the class of the instance that the method is called on, with at most 100 classes.
   */
  readonly class?: string;
  /** Value of the `method` label. Default: the method's name. */
  readonly method?: string;
}

/** Options of a decorator that records on a given metric. */
export interface TargetOptions<This, V extends AnyMethod, L extends LabelSpec> extends NameOptions {
  /** Sources of the metric's labels. The decorator fills `class`, `method`, `result` and `exception` itself. */
  readonly labels?: TargetLabels<This, V, L>;
}

/**
 * Sources for the labels of a metric, by name. Every label that the decorator does not fill itself needs one; a missing
 * one is an error when the class is defined.
 */
export type TargetLabels<This, V extends AnyMethod, L extends LabelSpec> = {
  readonly [N in LabelName<L>]?: LabelSource<This, V>;
};

/** Options of a decorator that creates its family, or uses the default one. */
export interface FamilyOptions<This, V extends AnyMethod> extends NameOptions {
  /** Name of the family. Default: the family shared by all uses of this decorator. */
  readonly name?: string;
  /** Help text of the family. Default: one that fits the decorator. */
  readonly help?: string;
  /** Unit, such as `seconds`, with which the name must end (before a counter's `_total`). Default: none. */
  readonly unit?: string;
  /** Labels in addition to those that the decorator fills, and their sources. Requires a `name`. */
  readonly labels?: DecoratorLabels<This, V>;
  /** Maximum number of series; further ones are recorded on one overflow series. Default: the registry's; 0: no limit. */
  readonly maxSeries?: number;
  /** The registry. Default: looked up at each call; that of the instance, of its class, or the default registry. */
  readonly registry?: Registry;
}

/** Option of decorators that record the end of a call. */
export interface EndsOption {
  /**
   * When a call ends: `settled`, when the work behind its result has ended; `returned`, as soon as the method returns. Use
   * the latter if the result starts its work in a way that cannot be observed. Default: `settled`.
   */
  readonly ends?: 'settled' | 'returned';
}

/** Options of decorators that record on a histogram or a summary. */
export interface DistributionOptions {
  /**
   * A histogram's upper bounds, ascending; `false` for native buckets only. Default: 0.005 to 10, which suits seconds.
   */
  readonly buckets?: readonly number[] | false;
  /** Adds exponential buckets to a histogram. Default: false. */
  readonly native?: boolean | NativeOptions;
  /** A summary's percentiles, from 0 to 1. Default: 0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999. */
  readonly percentiles?: readonly number[];
  /** Length of a summary's sliding window in seconds. Default: everything since the start. */
  readonly maxAgeSeconds?: number;
  /** Number of slices of a summary's window. Default: 5. */
  readonly ageBuckets?: number;
  /** Removes a summary's series once nothing was observed on it within the window. Default: false. */
  readonly pruneAgedBuckets?: boolean;
}

/** The options of a histogram, and those of a summary. */
export const HISTOGRAM_OPTIONS = ['buckets', 'native'] as const;
export const SUMMARY_OPTIONS = ['percentiles', 'maxAgeSeconds', 'ageBuckets', 'pruneAgedBuckets'] as const;

/** The options that only metrics of one type have. */
export const TYPE_OPTIONS: readonly (readonly [type: FamilyType, options: readonly string[]])[] = [
  ['histogram', HISTOGRAM_OPTIONS],
  ['summary', SUMMARY_OPTIONS],
  ['gauge', ['aggregate']],
];

/** Options of decorators that record how a call ended. */
export interface EndingOptions<This, V extends AnyMethod> extends EndsOption {
  /**
   * Decides how a call ended; `undefined` falls back to the default rule: `cancelled` for an AbortError, else `error` if
   * the call fails.
   */
  readonly classify?: Classify<This, V>;
}

/** One call of an instrumented method, after it has ended. */
export interface Call<This, V extends AnyMethod> {
  /** The `this` of the call. */
  readonly self: This;
  /** The arguments, as the caller passed them. */
  readonly args: Parameters<V>;
  /** The outcome: the value of a promise, what a generator returned. Undefined if the call failed. */
  readonly result: Outcome<ReturnType<V>> | undefined;
  /** What was thrown or rejected; undefined if the call did not fail. */
  readonly error: unknown;
}

/** The final value of a method's result: what a promise resolves to, or a generator returns. */
export type Outcome<R> =
  R extends Iterator<unknown, infer T> ? T : R extends AsyncIterator<unknown, infer T> ? T : Awaited<R>;

/** A label value that depends on the whole call, with bounds on the number of values. */
export interface BoundedLabel<This, V extends AnyMethod> {
  /** Returns the value. Called after the call has ended (by `@InProgress`: before it, without result and error). */
  readonly of: (call: Call<This, V>) => LabelValue;
  /** The allowed values; any other becomes `other`. Default: any. */
  readonly values?: readonly string[];
  /** Maximum number of values; further ones become `other`. Default: 100. */
  readonly max?: number;
}

/**
 * The source of a label's value: a constant; a function of the method's arguments, called before the body with the
 * method's `this`; or an object with a function of the whole call, called when the call has ended.
 */
export type LabelSource<This, V extends AnyMethod> =
  | LabelValue
  | ((this: This, ...args: Parameters<V>) => LabelValue)
  | BoundedLabel<This, V>;

/** The labels that a decorator adds, by name. */
export type DecoratorLabels<This, V extends AnyMethod, N extends string = string> = {
  readonly [name in N]?: LabelSource<This, V>;
};

/** Decides how a call ended; `undefined` falls back to the default rule. */
export type Classify<This, V extends AnyMethod> = (call: Call<This, V>) => Ending | undefined;

/** A method with unknown parameters and result, for the options of `@Instrumented`. */
export type ClassMethod = (...args: readonly unknown[]) => unknown;

// Options with `rule.any` are checked by the metric.

export const TARGET_RULES: OptionRules<TargetOptions<object, AnyMethod, string>> = {
  class: rule.string,
  method: rule.string,
  labels: rule.object,
};

export const FAMILY_RULES: OptionRules<FamilyOptions<object, AnyMethod>> = {
  ...TARGET_RULES,
  name: rule.string,
  help: rule.any,
  unit: rule.any,
  maxSeries: rule.any,
  registry: registryRule,
};

export const ENDS_RULES: OptionRules<EndsOption> = { ends: rule.oneOf('settled', 'returned') };

export const ENDING_RULES: OptionRules<EndingOptions<object, AnyMethod>> = { ...ENDS_RULES, classify: rule.function };

export const DISTRIBUTION_RULES: OptionRules<DistributionOptions> = {
  buckets: rule.any,
  native: rule.any,
  percentiles: rule.any,
  maxAgeSeconds: rule.any,
  ageBuckets: rule.any,
  pruneAgedBuckets: rule.any,
};

const decoratorRule = {
  expected: 'true, false, a metric or options',
  accepts: (value: unknown) => typeof value === 'boolean' || (typeof value === 'object' && value !== null),
};

/** The options of `@Instrumented`. */
export const CLASS_RULES = {
  timed: decoratorRule,
  counted: decoratorRule,
  inProgress: decoratorRule,
  exceptions: decoratorRule,
  only: rule.function,
  class: rule.string,
  registry: registryRule,
};

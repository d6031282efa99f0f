import type { AnyMethod } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import type { LabelValue } from '../model/labels.js';

/** One call of a marked method, after it has ended. */
export interface Call<This, V extends AnyMethod> {
  /** What the method was called on. */
  readonly self: This;
  readonly args: Parameters<V>;
  /** What the call came to: the value of a promise, what a generator returned. Undefined where it failed. */
  readonly result: Outcome<ReturnType<V>> | undefined;
  /** What was thrown or rejected; undefined where the call did not fail. */
  readonly error: unknown;
}

/** What the result of a method comes to in the end. */
export type Outcome<R> =
  R extends Iterator<unknown, infer T> ? T : R extends AsyncIterator<unknown, infer T> ? T : Awaited<R>;

/** A label's value that depends on the whole call, with bounds on the number of values. */
export interface BoundedLabel<This, V extends AnyMethod> {
  /** The value. Called after the call has ended (with `@InProgress`: before it, without result and error). */
  readonly of: (call: Call<This, V>) => LabelValue;
  /** The values that there are; all others become `other`. Default: any. */
  readonly values?: readonly string[];
  /** The most values; those that come later become `other`. Default: 100. */
  readonly max?: number;
}

/**
 * Where a label gets its value from: a constant, a function of the method's arguments that is called before the body
 * (its `this` is the method's), or an object with a function of the whole call that is called when it has ended.
 */
export type LabelSource<This, V extends AnyMethod> =
  | LabelValue
  | ((this: This, ...args: Parameters<V>) => LabelValue)
  | BoundedLabel<This, V>;

/** The labels that a mark adds, by name. */
export type DecoratorLabels<This, V extends AnyMethod, N extends string = string> = {
  readonly [name in N]?: LabelSource<This, V>;
};

/** Decides how a call ended where the usual rule is not right; `undefined` leaves it to the rule. */
export type Classify<This, V extends AnyMethod> = (call: Call<This, V>) => Ending | undefined;

/** A method of which nothing is known but that it is one: what the options of a whole class are written for. */
export type ClassMethod = (...args: readonly unknown[]) => unknown;

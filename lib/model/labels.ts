import { LabelError, show } from './errors.js';
import { wellFormed } from './names.js';

/** The value of a label. `undefined`, `null` and `''` mean that the series does not have the label. */
export type LabelValue = string | number | boolean | bigint | null | undefined;

/**
 * The labels of a family as a type: a union of their names, `'method' | 'code'`, which is what the compiler infers from
 * `labelNames`, or `{ method: 'GET' | 'POST'; code: string }` if the values are known as well. `string` means labels
 * that the compiler does not know.
 */
export type LabelSpec = string | { readonly [label: string]: LabelValue };

/** The label object of a family that has no labels. */
export interface NoLabels {
  readonly [label: string]: never;
}

/** The names of a family's labels as one union. */
export type LabelName<L extends LabelSpec> = L extends string ? L : L extends NoLabels ? never : keyof L & string;

/**
 * The label object of a family, with all of its labels and no others. In generic code, where `L` is a type parameter, a
 * full or partial `Record<L, string>`.
 */
export type Labels<L extends LabelSpec> =
  Named<L> extends NothingKnown
    ? true extends Named<L>[keyof Named<L>]
      ? { readonly [K in Extract<L, string>]?: LabelValue }
      : NoLabels
    : // In brackets, so that a union of names is taken as a whole and not name by name.
      [L] extends [string]
      ? { readonly [K in L]: LabelValue }
      : Exclude<L, string>;

/** The label object of a family without some of the labels. */
export type SomeLabels<L extends LabelSpec> = Partial<Labels<L>> | { readonly [inGenericCode]?: never };

/** One value for each label of a family, in the order of its `labelNames`; any number if the labels are unknown. */
export type LabelTuple<L extends LabelSpec> = ValueForEach<LabelName<L>>;

/** The one argument that identifies a series: its label object or, if there is only one label, its value. */
export type SeriesLabels<L extends LabelSpec> =
  | Labels<L>
  | (LabelTuple<L> extends readonly [] | readonly [unknown, unknown, ...unknown[]] ? never : LabelValue);

/** The arguments that identify a series by its label values in order. `SeriesLabels` covers a single value. */
export type SeriesValues<L extends LabelSpec> =
  Named<L> extends NothingKnown
    ? true extends Named<L>[keyof Named<L>]
      ? readonly LabelValue[]
      : readonly []
    : LabelTuple<L> extends readonly [unknown]
      ? readonly [never, never]
      : LabelTuple<L>;

/**
 * The same for spread arguments `V`, as in `...values`, whose number the compiler does not know. Arguments of known
 * number never match, so that compiler errors mention the other signatures, or the expected number.
 */
export type SpreadValues<L extends LabelSpec, V extends readonly unknown[]> = number extends V['length']
  ? V extends readonly LabelValue[]
    ? V
    : readonly LabelValue[]
  : V['length'] extends LabelTuple<L>['length']
    ? readonly [...V, never]
    : LabelTuple<L>;

/**
 * The arguments of a recording call: `Labeled`, or also `Unlabeled` if the compiler knows of no required label. One
 * signature instead of overloads, so that a compiler error says what is wrong with the call.
 */
export type RecordingArguments<
  L extends LabelSpec,
  Labeled extends readonly unknown[],
  Unlabeled extends readonly unknown[],
> = Named<L> extends NothingKnown ? Labeled | Unlabeled : Labeled;

/**
 * The label object of a family with the labels named `G` only. The second half adds their types, for completion in
 * editors.
 */
export type CurriedLabels<L extends LabelSpec, G extends LabelName<L>> = { readonly [K in G]: LabelValue } & Partial<
  Labels<L>
>;

/** The labels of a family that are left when those named `G` are given. */
export type WithoutLabels<L extends LabelSpec, G extends string> = [Exclude<LabelName<L>, G>] extends [never]
  ? NoLabels
  : L extends string
    ? Exclude<L, G>
    : Omit<L, G> & LabelSpec;

/** The type of `labelNames`: names from which `L` is inferred, or the names of an explicit `L`. */
export type LabelNames<L extends LabelSpec> = readonly L[] | readonly Fixed<LabelName<L>>[];

/**
 * A key that no object has. In generic code, `Record<L, string>` is assignable to a type with only this optional key.
 */
declare const inGenericCode: unique symbol;

/**
 * An object type whose keys are a family's label names. It distinguishes what the compiler knows about them, also in
 * generic code, where `[L] extends [never]` and `string extends L` remain unresolved. `Named<L> extends NothingKnown`
 * holds if there are no labels, if they are unknown, or if a type parameter is among them; in the last two cases, `true
 * extends Named<L>[keyof Named<L>]` holds too.
 */
type Named<L extends LabelSpec> = { readonly [K in Together<LabelName<L>>]: true };

/** The same names, unresolved as long as one of them is a type parameter. */
type Together<N extends string> = [N] extends [string] ? N : never;

/**
 * A type with one optional key that no object has. A type with known keys is not assignable to it, because they share
 * none.
 */
type NothingKnown = { readonly [inGenericCode]?: never };

/** A tuple with one value for each name, up to 12: the type does not know their order, only how many there are. */
type ValueForEach<N extends string, V extends readonly LabelValue[] = readonly []> = string extends N
  ? readonly LabelValue[]
  : [N] extends [never]
    ? V
    : V['length'] extends 12
      ? readonly LabelValue[]
      : ValueForEach<Exclude<N, OneOf<N>>, readonly [...V, LabelValue]>;

/** Any one name of a union: inference from overloads takes the last signature. */
type OneOf<N extends string> = (N extends string ? (each: () => N) => void : never) extends (all: infer F) => void
  ? F extends (() => infer One extends string)
    ? One
    : never
  : never;

/** Prevents inference of `T` here. */
type Fixed<T> = [T][T extends unknown ? 0 : never];

/** Returns an object of labels as it is. Throws LabelError for anything else, which would be taken for no labels. */
export function labelObject(labels: unknown, family: string): object {
  if (typeof labels === 'object' && labels !== null && !Array.isArray(labels)) return labels;
  throw new LabelError(`Metric "${family}": labels must be an object, got ${show(labels)}.`);
}

/**
 * Returns a label value as it appears on the page: undefined and null as the empty string, and a lone surrogate, which
 * has no UTF-8 form, as U+FFFD. Throws LabelError for objects, functions and symbols.
 *
 * @param owner The kind of thing that `family` names, at the beginning of the message. If `family` is empty, it stands
 * alone.
 */
export function toLabelString(value: unknown, label: string, family: string, owner = 'Metric'): string {
  if (typeof value === 'string') return wellFormed(value);
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  throw new LabelError(
    `${owner}${family && ` "${family}"`}: the value of label "${label}" must be a string, number, boolean or empty, got ${show(value)}.`,
  );
}

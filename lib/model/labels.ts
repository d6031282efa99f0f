import { LabelError, show } from './errors.js';
import { wellFormed } from './names.js';

/** What may be given for a label. Nothing (`undefined`, `null`, `''`) means that the series has no such label. */
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
 * The label object of a family: every label of it and no other. In generic code, where `L` is a type parameter, a
 * `Record<L, string>` or some of it.
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

/** The arguments that identify a series by its values in order. A single one is among `SeriesLabels`. */
export type SeriesValues<L extends LabelSpec> =
  Named<L> extends NothingKnown
    ? true extends Named<L>[keyof Named<L>]
      ? readonly LabelValue[]
      : readonly []
    : LabelTuple<L> extends readonly [unknown]
      ? readonly [never, never]
      : LabelTuple<L>;

/**
 * The same for arguments `V` whose number the compiler does not know, as of `...values`. Others fit none of these, so that
 * errors are about the other signatures, or about the number of arguments.
 */
export type SpreadValues<L extends LabelSpec, V extends readonly unknown[]> = number extends V['length']
  ? V extends readonly LabelValue[]
    ? V
    : readonly LabelValue[]
  : V['length'] extends LabelTuple<L>['length']
    ? readonly [...V, never]
    : LabelTuple<L>;

/**
 * The arguments of a recording call: `Labelled`, or `Bare` as well if the compiler knows of no label that has to be given.
 * One signature rather than overloads, so that an error says what is wrong with the call.
 */
export type RecordingArguments<
  L extends LabelSpec,
  Labelled extends readonly unknown[],
  Bare extends readonly unknown[],
> = Named<L> extends NothingKnown ? Labelled | Bare : Labelled;

/** The label object of a family with the labels named `G` only. The second half adds their types, so that editors offer all. */
export type CurriedLabels<L extends LabelSpec, G extends LabelName<L>> = { readonly [K in G]: LabelValue } & Partial<
  Labels<L>
>;

/** The labels of a family that are left when those named `G` are given. */
export type WithoutLabels<L extends LabelSpec, G extends string> = [Exclude<LabelName<L>, G>] extends [never]
  ? NoLabels
  : L extends string
    ? Exclude<L, G>
    : Omit<L, G> & LabelSpec;

/** What `labelNames` takes: the names that `L` is inferred from, or those of an `L` that was given. */
export type LabelNames<L extends LabelSpec> = readonly L[] | readonly Fixed<LabelName<L>>[];

/** An optional key that nothing has: in generic code, where `L` is a type parameter, `Record<L, string>` is assignable to it. */
declare const inGenericCode: unique symbol;

/**
 * An object with the names of a family's labels. It tells apart what the compiler knows of them, also in generic code, where
 * `[L] extends [never]` and `string extends L` stay open. `Named<L> extends NothingKnown` if there are no labels, if they are
 * unknown, or if a type parameter is among them; of these, `true extends Named<L>[keyof Named<L>]` unless there are none.
 */
type Named<L extends LabelSpec> = { readonly [K in Together<LabelName<L>>]: true };

/** The same names, of which the compiler sees none as long as one of them is a type parameter. */
type Together<N extends string> = [N] extends [string] ? N : never;

/** An object whose keys the compiler knows has nothing in common with this one, which has only an optional other. */
type NothingKnown = { readonly [inGenericCode]?: never };

/** A tuple with one value for each name, up to 12: the type does not know their order, only how many there are. */
type ValueForEach<N extends string, V extends readonly LabelValue[] = readonly []> = string extends N
  ? readonly LabelValue[]
  : [N] extends [never]
    ? V
    : V['length'] extends 12
      ? readonly LabelValue[]
      : ValueForEach<Exclude<N, OneOf<N>>, readonly [...V, LabelValue]>;

/** One name of a union, whichever: from overloads, the last signature is inferred. */
type OneOf<N extends string> = (N extends string ? (each: () => N) => void : never) extends (all: infer F) => void
  ? F extends (() => infer One extends string)
    ? One
    : never
  : never;

/** Prevents inference of `T` here. */
type Fixed<T> = [T][T extends unknown ? 0 : never];

/**
 * Returns a label value as it appears on the page: undefined and null as the empty string, and half a surrogate pair,
 * which has no UTF-8 form, as U+FFFD. Throws LabelError for objects, functions and symbols.
 *
 * @param owner What `family` is the name of, at the beginning of the message; itself the subject if the name is empty.
 */
export function toLabelString(value: unknown, label: string, family: string, owner = 'Metric'): string {
  if (typeof value === 'string') return wellFormed(value);
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  throw new LabelError(
    `${owner}${family && ` "${family}"`}: the value of label "${label}" must be a string, number, boolean or empty, got ${show(value)}.`,
  );
}

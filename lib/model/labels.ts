import { LabelError, show } from './errors.js';
import { wellFormed } from './names.js';

/** What may be given for a label. Nothing (`undefined`, `null`, `''`) means that the series has no such label. */
export type LabelValue = string | number | boolean | bigint | null | undefined;

/**
 * How a family's labels can be written as a type:
 * `readonly ['method', 'code']` (what the compiler infers from `labelNames`), `'method' | 'code'` (prom-client's form),
 * or `{ method: 'GET' | 'POST'; code: string }` where the values are known as well.
 */
export type LabelSpec = string | readonly string[] | { readonly [label: string]: LabelValue };

/** The names of a family's labels as one union. */
export type LabelName<L extends LabelSpec> = L extends readonly string[]
  ? L[number]
  : L extends string
    ? L
    : keyof L & string;

/** The label object of a family: every label of it and no other. */
export type Labels<L extends LabelSpec> = [L] extends [never]
  ? NoLabels
  : // In brackets, so that a union of names is taken as a whole and not name by name.
    [L] extends [string]
    ? NamedLabels<L>
    : LabelsOfObject<L>;

type LabelsOfObject<L> = L extends readonly []
  ? NoLabels
  : L extends readonly string[]
    ? NamedLabels<L[number]>
    : L extends object
      ? L
      : never;

type NoLabels = { readonly [label: string]: never };

type NamedLabels<N extends string> = { readonly [K in N]: LabelValue };

/** The label values of a family in the order of its `labelNames`; of any number where the type has no order. */
export type LabelTuple<L extends LabelSpec> = [L] extends [never]
  ? readonly []
  : L extends readonly string[]
    ? number extends L['length']
      ? readonly LabelValue[]
      : { readonly [I in keyof L]: LabelValue }
    : readonly LabelValue[];

/**
 * The arguments `A` of a call without labels: what a family takes that has none, or whose names the compiler does not
 * know. Others take no value there, so that such a call does not compile; there are as many arguments, so that a metric
 * may stand where one of any labels is expected.
 */
export type WithoutLabelArguments<L extends LabelSpec, A extends readonly unknown[]> = [L] extends [never]
  ? A
  : L extends readonly []
    ? A
    : string extends LabelName<L>
      ? A
      : { [I in keyof A]-?: never };

/** The labels of a family that are left when those named `G` are given. */
export type WithoutLabels<L extends LabelSpec, G extends string> = L extends readonly string[]
  ? number extends L['length']
    ? readonly Exclude<L[number], G>[]
    : WithoutNames<L, G>
  : L extends string
    ? Exclude<L, G>
    : Omit<L, G> & LabelSpec;

type WithoutNames<L extends readonly string[], G extends string> = L extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? First extends G
    ? WithoutNames<Rest, G>
    : readonly [First, ...WithoutNames<Rest, G>]
  : readonly [];

/** Keeps the compiler from inferring `T` from where it stands. */
type Fixed<T> = [T][T extends unknown ? 0 : never];

/** What `labelNames` takes: the tuple that `L` is inferred from, or the names of an `L` that was given. */
export type LabelNames<L extends LabelSpec> = L | readonly Fixed<LabelName<L>>[];

/**
 * Returns a label value as it appears on the page: undefined and null as the empty string, and half a surrogate pair,
 * which has no UTF-8 form, as U+FFFD. Throws LabelError for objects, functions and symbols.
 */
export function toLabelString(value: unknown, label: string, family: string): string {
  if (typeof value === 'string') return wellFormed(value);
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  throw new LabelError(
    `Metric "${family}": label "${label}" is ${show(value)}; label values must be strings, numbers, booleans or empty.`,
  );
}

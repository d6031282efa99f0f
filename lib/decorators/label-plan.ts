import type { AnyMethod } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import { ConfigError, LabelError, show } from '../model/errors.js';
import { toLabelString } from '../model/labels.js';
import { types } from '../model/load-at-runtime.js';
import { checkOptions, rule } from '../model/options.js';

/** Labels that decorators fill themselves. */
export const OWN_LABELS = ['class', 'method', 'result', 'exception'] as const;
export type OwnLabel = (typeof OWN_LABELS)[number];

/** A call, for functions that compute labels, endings or values. Created only if one of them needs it. */
export interface SeenCall {
  readonly self: unknown;
  readonly args: readonly unknown[];
  readonly result: unknown;
  readonly error: unknown;
}

const NO_ARGUMENTS: readonly unknown[] = [];

/** Creates the call object for functions that take one. */
export function seenCall(
  self: unknown,
  args: readonly unknown[] | undefined,
  ending: Ending,
  outcome: unknown,
): SeenCall {
  const ok = ending === 'ok';
  return { self, args: args ?? NO_ARGUMENTS, result: ok ? outcome : undefined, error: ok ? undefined : outcome };
}

/** A label whose value depends on the call: on its arguments, before the body, or on the whole call. */
export interface DynamicLabel {
  readonly name: string;
  readonly ofArguments?: AnyMethod;
  readonly ofCall?: (call: SeenCall) => unknown;
  /** Index among the family's labels. */
  readonly at: number;
  readonly values: ReadonlySet<string> | undefined;
  readonly max: number;
}

/** How one decorator fills the labels of a family: with constants, values from each call, and labels of its own. */
export interface LabelPlan {
  readonly names: readonly string[];
  readonly constants: readonly (string | undefined)[];
  /** Those that depend on the arguments come first. */
  readonly dynamic: readonly DynamicLabel[];
  /** Indexes of the labels that the decorator fills; -1 if the family has no such label. */
  readonly at: Readonly<Record<OwnLabel, number>>;
}

const MAX_VALUES = 100;

/**
 * Plans how to fill a family's labels. Throws ConfigError for a label without a source, a source for a label that the
 * family does not have, and a source that is not a LabelSource.
 */
export function planLabels(
  where: string,
  family: string,
  names: readonly string[],
  sources: Readonly<Record<string, unknown>>,
  own: readonly OwnLabel[],
): LabelPlan {
  for (const name of Object.keys(sources)) {
    if (names.includes(name)) continue;
    const known = names.length === 0 ? 'It has none.' : `Its labels: ${names.join(', ')}.`;
    throw new ConfigError(`${where}: metric "${family}" has no label "${name}". ${known}`);
  }
  const at: Record<OwnLabel, number> = { class: -1, method: -1, result: -1, exception: -1 };
  const constants: (string | undefined)[] = names.map(() => undefined);
  const dynamic: DynamicLabel[] = [];
  names.forEach((name, index) => {
    if (Object.hasOwn(sources, name)) {
      const source = sources[name];
      if (typeof source !== 'function' && (typeof source !== 'object' || source === null)) {
        constants[index] = constantValue(where, family, name, source);
      } else dynamic.push(dynamicLabel(where, name, index, source));
    } else if (own.includes(name as OwnLabel)) at[name as OwnLabel] = index;
    else {
      throw new ConfigError(
        `${where}: label "${name}" of metric "${family}" has no source. Add one: ` +
          `{ labels: { ${name}: (...args) => … } }.`,
      );
    }
  });
  dynamic.sort((a, b) => Number(a.ofCall !== undefined) - Number(b.ofCall !== undefined));
  return { names, constants, dynamic, at };
}

function constantValue(where: string, family: string, name: string, value: unknown): string {
  try {
    return toLabelString(value, name, family);
  } catch {
    throw wrongSource(where, name, value);
  }
}

function dynamicLabel(where: string, name: string, at: number, source: unknown): DynamicLabel {
  if (typeof source === 'function') {
    return { name, at, ofArguments: source as AnyMethod, values: undefined, max: MAX_VALUES };
  }
  const { of, values, max = MAX_VALUES } = source as Record<string, unknown>;
  if (typeof of !== 'function') throw wrongSource(where, name, source);
  checkOptions(`${where}: label "${name}"`, source, { of: rule.any, values: rule.any, max: rule.any });
  if (values !== undefined && !Array.isArray(values)) {
    throw new ConfigError(`${where}: the values of label "${name}" must be an array of strings, got ${show(values)}.`);
  }
  if (typeof max !== 'number' || !Number.isInteger(max) || max < 1) {
    throw new ConfigError(`${where}: the max of label "${name}" must be an integer of at least 1, got ${show(max)}.`);
  }
  const known = values === undefined ? undefined : new Set((values as unknown[]).map(String));
  return { name, at, ofCall: of as DynamicLabel['ofCall'], values: known, max };
}

function wrongSource(where: string, name: string, source: unknown): ConfigError {
  return new ConfigError(
    `${where}: the source of label "${name}" must be a string, a number, a boolean, a function of the arguments or ` +
      `{ of: (call) => … }, got ${show(source)}.`,
  );
}

/**
 * Returns the result of a user's function. If it is a promise, because a function that must be synchronous is async,
 * its rejection is handled, so that it does not end the process.
 */
export function handled(value: unknown): unknown {
  // Does not call `value.then`, because a subclass may start its work there.
  if (types.isPromise(value)) Promise.prototype.then.call(value, undefined, () => {});
  return value;
}

/** Replaces values beyond a label's limit, or not in its list of values. */
const OTHER = 'other';

/**
 * Limits the number of values of each label of one decorated method, in case it contains an id by mistake: beyond the
 * limit, values become `other`.
 */
export class CardinalityLimit {
  private readonly seen = new Map<string, Set<string>>();

  constructor(private readonly report: (error: unknown) => void) {}

  /** Returns the value itself, or `other`. */
  admit(label: string, value: string, values?: ReadonlySet<string>, max = MAX_VALUES): string {
    if (values !== undefined) return values.has(value) ? value : OTHER;
    const seen = this.seen.get(label) ?? new Set();
    this.seen.set(label, seen);
    if (seen.has(value)) return value;
    if (seen.size < max) {
      seen.add(value);
      return value;
    }
    this.report(
      new LabelError(
        `label "${label}" has reached its limit of ${max} values; further values become "${OTHER}". It probably holds an ` +
          'id or a raw path. To list the values or raise the limit, use { of, values } or { of, max }.',
      ),
    );
    return OTHER;
  }
}

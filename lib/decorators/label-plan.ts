import type { AnyMethod } from '../calls/dialect.js';
import { ConfigError, show } from '../model/errors.js';
import { toLabelString } from '../model/labels.js';
import type { SeenCall } from './reading.js';

/** Labels that marks fill by themselves. */
export const OWN_LABELS = ['class', 'method', 'result', 'exception'] as const;
export type OwnLabel = (typeof OWN_LABELS)[number];

/** A label whose value is read off each call: off its arguments before the body, or off the whole call. */
export interface FreeLabel {
  readonly name: string;
  readonly ofArguments?: AnyMethod;
  readonly ofCall?: (call: SeenCall) => unknown;
  /** The place among the family's labels. */
  readonly at: number;
  readonly values: ReadonlySet<string> | undefined;
  readonly max: number;
}

/** How the labels of a family are filled by one mark: what is fixed, what each call says, what the mark knows. */
export interface LabelPlan {
  readonly names: readonly string[];
  readonly constants: readonly (string | undefined)[];
  /** Those of the arguments first. */
  readonly free: readonly FreeLabel[];
  /** The places of the labels that the mark fills, -1 where the family has no such label. */
  readonly at: Readonly<Record<OwnLabel, number>>;
}

const MAX_VALUES = 100;

/**
 * Plans how to fill a family's labels. Throws ConfigError for a label that nobody fills, a source for a label that the
 * family lacks, and a source of no known kind.
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
    const known = names.length === 0 ? 'it has no labels' : `it has ${names.join(', ')}`;
    throw new ConfigError(`${where}: metric "${family}" has no label "${name}": ${known}.`);
  }
  const at: Record<OwnLabel, number> = { class: -1, method: -1, result: -1, exception: -1 };
  const constants: (string | undefined)[] = names.map(() => undefined);
  const free: FreeLabel[] = [];
  names.forEach((name, place) => {
    if (Object.hasOwn(sources, name)) {
      const source = sources[name];
      if (typeof source !== 'function' && (typeof source !== 'object' || source === null)) {
        constants[place] = constantText(where, family, name, source);
      } else free.push(freeLabel(where, name, place, source));
    } else if (own.includes(name as OwnLabel)) at[name as OwnLabel] = place;
    else {
      throw new ConfigError(
        `${where}: nothing fills the label "${name}" of metric "${family}". Say where it comes from: ` +
          `{ labels: { ${name}: (...args) => … } }.`,
      );
    }
  });
  free.sort((a, b) => Number(a.ofCall !== undefined) - Number(b.ofCall !== undefined));
  return { names, constants, free, at };
}

function constantText(where: string, family: string, name: string, value: unknown): string {
  try {
    return toLabelString(value, name, family);
  } catch {
    throw wrongSource(where, name, value);
  }
}

function freeLabel(where: string, name: string, at: number, source: unknown): FreeLabel {
  if (typeof source === 'function') {
    return { name, at, ofArguments: source as AnyMethod, values: undefined, max: MAX_VALUES };
  }
  const { of, values, max = MAX_VALUES } = source as Record<string, unknown>;
  if (typeof of !== 'function') throw wrongSource(where, name, source);
  if (values !== undefined && !Array.isArray(values)) {
    throw new ConfigError(`${where}: the values of label "${name}" are an array of texts, not ${show(values)}.`);
  }
  if (typeof max !== 'number' || !Number.isInteger(max) || max < 1) {
    throw new ConfigError(`${where}: the max of label "${name}" is a whole number of 1 or more, not ${show(max)}.`);
  }
  const known = values === undefined ? undefined : new Set((values as unknown[]).map(String));
  return { name, at, ofCall: of as FreeLabel['ofCall'], values: known, max };
}

function wrongSource(where: string, name: string, source: unknown): ConfigError {
  return new ConfigError(
    `${where}: label "${name}" comes from a text, a number, a boolean, a function of the arguments or ` +
      `{ of: (call) => … }, not from ${show(source)}.`,
  );
}

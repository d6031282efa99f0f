import { ConfigError, show } from './errors.js';

/** Maximum delay of a timer: 2^31 - 1 milliseconds, nearly 25 days. */
export const LONGEST_MS = 0x7fffffff;

/** What one option must be. `undefined` always passes: the option is left out. */
export interface OptionRule {
  /** Completes "must be …" in the error message: `a whole number from 1 to 10`. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** Whether the value may be a secret: the error message then shows only its type. Default: false. */
  readonly secret?: boolean;
}

/** A rule for each option of `O`: the compiler reports a missing one. */
export type OptionRules<O extends object> = { readonly [K in keyof O]-?: OptionRule };

/** The options of `O` by name, where the values are checked elsewhere. */
export type OptionNames<O extends object> = { readonly [K in keyof O]-?: unknown };

/** The rules that most options need. */
export const rule = {
  /** For an option that is checked elsewhere. */
  any: { expected: 'anything', accepts: () => true },
  boolean: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  string: { expected: 'a string', accepts: (value) => typeof value === 'string' },
  function: { expected: 'a function', accepts: (value) => typeof value === 'function' },
  object: { expected: 'an object', accepts: isOptionsObject },
  /** Milliseconds of a timer, 1 or more. */
  milliseconds: wholeNumber(1, LONGEST_MS),
  wholeNumber,
  oneOf,
} satisfies Record<string, OptionRule | ((...args: never[]) => OptionRule)>;

function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): OptionRule {
  return {
    expected: `a whole number ${most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  };
}

function oneOf(...values: readonly unknown[]): OptionRule {
  return { expected: `one of ${values.map(show).join(', ')}`, accepts: (value) => values.includes(value) };
}

/**
 * Refuses options that are not an object, an option that `rules` does not know, and a value that its rule does not
 * accept. Throws ConfigError, which names the option and, for an unknown one, the option that was probably meant.
 *
 * @param subject Whose options they are, at the beginning of the message: `startHttpServer`, `@Counted`.
 * @param hints What to say about options that are unknown for a reason: `{ registry: 'The module has one.' }`.
 *
 * @example
 * checkOptions<HandlerOptions>('metricsHandler', options, { maxScrapes: rule.wholeNumber(1), gzip: rule.boolean });
 */
export function checkOptions<O extends object>(
  subject: string,
  options: unknown,
  rules: OptionRules<O>,
  hints?: Readonly<Record<string, string>>,
): asserts options is O {
  if (!isOptionsObject(options)) throw new ConfigError(`${subject}: options must be an object, got ${show(options)}.`);
  const unknown = unknownOption(subject, options, rules, hints);
  if (unknown !== undefined) throw new ConfigError(unknown);
  for (const [option, value] of Object.entries(options)) checkOption(subject, option, value, rules[option as keyof O]);
}

/** Refuses the value of one option. Throws ConfigError. */
export function checkOption(subject: string, option: string, value: unknown, rule: OptionRule): void {
  if (value === undefined || rule.accepts(value)) return;
  const came = rule.secret ? `a value of type ${value === null ? 'null' : typeof value}` : show(value);
  throw new ConfigError(`${subject}: option ${option} must be ${rule.expected}, got ${came}.`);
}

/**
 * Refuses an unknown option only if its name is close to a known one, and checks the values of known ones. For objects
 * with further options, such as those of `https.request`. Throws ConfigError.
 */
export function checkKnownOptions<O extends object>(
  subject: string,
  options: unknown,
  rules: OptionRules<O>,
): asserts options is O {
  if (!isOptionsObject(options)) throw new ConfigError(`${subject}: options must be an object, got ${show(options)}.`);
  const names = Object.keys(rules);
  for (const [option, value] of Object.entries(options)) {
    if (Object.hasOwn(rules, option)) checkOption(subject, option, value, rules[option as keyof O]);
    else if (closest(option, names) !== undefined)
      throw new ConfigError(unknownOption(subject, { [option]: value }, rules));
  }
}

/**
 * Warns of an unknown option. For options that may come from code written for prom-client, which ignores unknown ones.
 * Never throws; `warn` is expected to print the same message only once.
 *
 * @example
 * warnOfUnknownOptions(`Metric "${name}"`, config, known, (message) => registry.faults.warn(message));
 */
export function warnOfUnknownOptions<O extends object>(
  subject: string,
  options: object,
  known: OptionNames<O>,
  warn: (message: string) => void,
): void {
  const message = unknownOption(subject, options, known);
  if (message !== undefined) warn(`${message} It is ignored.`);
}

/** Whether a value can hold options. Arrays and functions cannot. */
export function isOptionsObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether all options are known. */
export function areKnown<O extends object>(options: object, known: OptionNames<O>): boolean {
  // Called for every new metric, so it allocates neither an array of names nor a callback.
  for (const option in options) if (!Object.hasOwn(known, option)) return false;
  return true;
}

/** What to say about the first unknown option; undefined if all are known. */
function unknownOption(
  subject: string,
  options: object,
  known: object,
  hints: Readonly<Record<string, string>> = {},
): string | undefined {
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(known, option)) continue;
    const names = Object.keys(known);
    const meant = closest(option, names);
    const advice = Object.hasOwn(hints, option) ? `. ${hints[option]}` : meant ? `, did you mean "${meant}"?` : '.';
    return `${subject}: unknown option ${show(option)}${advice} Known options: ${names.join(', ')}.`;
  }
  return undefined;
}

/** The name that was probably meant: the closest by spelling, or one that begins or ends with what was given. */
export function closest(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  // Up to a third of the letters may differ: "tsl" matches "tls", but "key" does not match "ca".
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(lower, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  if (best !== undefined || word.length < 4) return best;
  return names.find((name) => name.toLowerCase().startsWith(lower) || name.toLowerCase().endsWith(lower));
}

/** How many letters have to be added, removed, replaced or swapped with their neighbor to turn one word into another. */
export function editDistance(a: string, b: string): number {
  let [twoBack, back]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(back[j] + 1, row[j - 1] + 1, back[j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], twoBack[j - 2] + 1);
    }
    [twoBack, back] = [back, row];
  }
  return back[b.length];
}

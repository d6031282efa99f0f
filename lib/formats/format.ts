import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead, FamilySnapshot } from '../model/family.js';
import { TYPE_RULES, type TypeRules } from '../model/family-types.js';
import type { FamilySource, LiveFamily, SampleShape } from '../model/live-family.js';
import { isLegacyLabelName, isLegacyMetricName } from '../model/names.js';

/** The page of a family in one format and variant. It is cached, so that the next page writes only what has changed. */
export interface PreparedPage {
  /**
   * Yields the current page of the family in pieces, some of which may be empty. Other work may run between two pieces,
   * unless they are in an array.
   */
  pieces(): Iterable<Uint8Array>;
}

/** A format that pages can be written in. */
export interface Format {
  /** The `Content-Type` without its `escaping` parameter. */
  readonly contentType: string;
  /** Distinguishes this format from others with the same `Content-Type`. */
  readonly form?: string;
  /** Written at the beginning of a page, between two families, and at the end. Default: nothing. */
  readonly begin?: string;
  readonly between?: string;
  readonly end: string;
  /** Whether names are escaped for old scrapers. Default: true. */
  readonly isEscaped?: boolean;
  /**
   * Returns the families with changes where two of them would have the same name in this format. Default: unchanged.
   */
  withDistinctNames?(families: readonly FamilySource[]): readonly FamilySource[];
  /** Prepares the page of a live family. */
  prepare(family: LiveFamily, variant: Variant): PreparedPage;
  /** Writes a snapshot. `source` is the family that it was taken from. */
  write(family: FamilySnapshot, variant: Variant, source: FamilySource): Uint8Array;
}

/** How a page is written in its format. Scrapes share prepared bytes if their format and variant are the same. */
export interface Variant {
  readonly escaping: Escaping;
  /** Whether pages show when series were created (OpenMetrics `_created`). */
  readonly created: boolean;
  /** Prefix of all names. */
  readonly prefix: string;
  /** Labels for every series that has no label of the same name. */
  readonly defaultLabels: LabelPairs;
}

/** Returns a family's metadata with its name in this variant. */
export function headIn(variant: Variant, { name, type, help, unit }: FamilyHead): FamilyHead {
  return { name: variant.prefix + name, type, help, unit };
}

/** Returns the labels of a series and the default labels, except those that the series has itself. */
export function withDefaults(variant: Variant, labels: LabelPairs): LabelPairs {
  const { defaultLabels } = variant;
  if (defaultLabels.length === 0) return labels;
  return [
    ...labels,
    ...defaultLabels.filter(([name]) => !labels.some(([label, value]) => label === name && value !== '')),
  ];
}

/** OpenMetrics 1.0, section StateSet: the label has the family's name, so the prefix goes before it as well. */
export function labelNameIn({ prefix }: Pick<Variant, 'prefix'>, family: FamilyHead, label: string): string {
  return TYPE_RULES[family.type].lines === 'states' && label === family.name ? prefix + label : label;
}

/** How the two text formats differ. */
export interface Dialect {
  /** Whether the format shows all lines and values, so that `shows` and `forbids` need not be called. */
  readonly isComplete: boolean;
  /**
   * Whether, as in prom-client, a bound or rank precedes the other labels of its line, and default labels precede those
   * of a histogram's series. Default: false.
   */
  readonly isStepFirst?: boolean;
  /** Returns the lines TYPE, HELP and, if the format has it, UNIT of a family. */
  header(head: FamilyHead, escaping: Escaping): string;
  /** Whether the format shows this line of a series. */
  shows(line: SampleShape, lines: readonly SampleShape[]): boolean;
  /**
   * Whether the format forbids this value in such a line, which is then left out. If a histogram's sum is left out, so
   * is its count.
   */
  forbids(rules: TypeRules, suffix: string, value: number): boolean;
  /** Whether the format allows samples with this suffix in their family. */
  allows(suffix: string): boolean;
  /** Returns the exemplar as it follows a value, beginning with a space; empty if the line cannot have one. */
  exemplar(head: FamilyHead, suffix: string, exemplar: Exemplar, escaping: Escaping): string;
  /** Formats a timestamp, given in milliseconds since the epoch. */
  timestamp(milliseconds: number): string;
  /** The name of the sample that shows when a series was created; undefined if the format or the type has none. */
  createdName(head: FamilyHead): string | undefined;
}

/** How UTF-8 names are written for scrapers that do not support them (Prometheus, "Escaping schemes"). */
export type Escaping = 'underscores' | 'dots' | 'values' | 'allow-utf-8';

export const ESCAPINGS: readonly Escaping[] = ['underscores', 'dots', 'values', 'allow-utf-8'];

/** Escapes a metric name so that it needs no quotes; `allow-utf-8` leaves it unchanged. */
export function escapeMetricName(name: string, scheme: Escaping): string {
  return escapeName(name, scheme, isLegacyMetricName(name), /[a-zA-Z_:]/, /[a-zA-Z0-9_:]/);
}

/** Escapes a label name so that it needs no quotes; `allow-utf-8` leaves it unchanged. */
export function escapeLabelName(name: string, scheme: Escaping): string {
  return escapeName(name, scheme, isLegacyLabelName(name), /[a-zA-Z_]/, /[a-zA-Z0-9_]/);
}

function escapeName(name: string, scheme: Escaping, legal: boolean, first: RegExp, rest: RegExp): string {
  // `dots` escapes legal names too: underscores would be ambiguous otherwise.
  if (scheme === 'allow-utf-8' || (legal && scheme !== 'dots')) return name;
  let escaped = scheme === 'values' ? 'U__' : '';
  let position = 0;
  for (const character of name) {
    escaped += escapeCharacter(character, scheme, (position === 0 ? first : rest).test(character));
    position += 1;
  }
  return escaped;
}

function escapeCharacter(character: string, scheme: Escaping, legal: boolean): string {
  if (scheme === 'underscores') return legal ? character : '_';
  if (character === '_') return '__';
  if (scheme === 'dots' && character === '.') return '_dot_';
  if (legal) return character;
  if (scheme === 'dots') return '__';
  return `_${(character.codePointAt(0) ?? 0).toString(16)}_`;
}

/** Escapes a quoted string of the text formats: backslash, newline, double quote. */
export function escapeQuoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, (character) => ESCAPES[character] as string) : text;
}

/** Escapes help text of text 0.0.4, which is not quoted: backslash and newline. */
export function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (character) => ESCAPES[character] as string);
}

const NEEDS_ESCAPE = /[\\\n"]/;
const ESCAPED = /[\\\n"]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

/** Label names and values in the order in which they are printed. */
export type LabelPairs = readonly (readonly [name: string, value: string])[];

/**
 * A family's name as in a `# TYPE` line: quoted unless it is a legacy name. The suffix belongs to the format
 * and is not escaped.
 */
export function nameInHeader(name: string, escaping: Escaping, suffix = ''): string {
  const escaped = escapeMetricName(name, escaping) + suffix;
  return isLegacyMetricName(escaped) ? escaped : `"${escapeQuoted(escaped)}"`;
}

/** `name="value"` pairs, separated by commas. Empty labels are omitted: to Prometheus, they do not exist. */
export function formatLabels(pairs: LabelPairs, escaping: Escaping): string {
  let text = '';
  for (const [name, value] of pairs) {
    if (value === '') continue;
    text += `${text === '' ? '' : ','}${labelStart(name, escaping)}${escapeQuoted(value)}"`;
  }
  return text;
}

/** A line up to its value. The family's name is escaped; the suffix, which belongs to the format, is not. */
export function linePrefix(family: string, suffix: string, labels: string, escaping: Escaping): string {
  const { open, unlabeled } = lineStart(family, suffix, escaping);
  return labels === '' ? unlabeled : `${open}${labels}} `;
}

/** The start of a line: `open` if labels follow, `unlabeled` if none do. */
export function lineStart(family: string, suffix: string, escaping: Escaping): { open: string; unlabeled: string } {
  const name = escapeMetricName(family, escaping) + suffix;
  if (isLegacyMetricName(name)) return { open: `${name}{`, unlabeled: `${name} ` };
  const quoted = `"${escapeQuoted(name)}"`;
  return { open: `{${quoted},`, unlabeled: `{${quoted}} ` };
}

/** A label's name and everything up to its value. */
export function labelStart(name: string, escaping: Escaping): string {
  const escaped = escapeLabelName(name, escaping);
  return isLegacyLabelName(escaped) ? `${escaped}="` : `"${escapeQuoted(escaped)}"="`;
}

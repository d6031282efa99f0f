import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead, FamilySnapshot } from '../model/family.js';
import { TYPE_RULES, type TypeRules } from '../model/family-types.js';
import type { FamilySource, LiveFamily, SampleShape } from '../model/live-family.js';
import { isLegacyLabelName, isLegacyMetricName } from '../model/names.js';

/** A family in one format and variant, cached so that the next page costs only what has changed. */
export interface PreparedPage {
  /** The family as of now, in pieces. Others may get their turn on the event loop between any two; some are empty. */
  pieces(): Iterable<Uint8Array>;
}

/** A format that pages can be written in. */
export interface Format {
  /** The `Content-Type` without its `escaping` parameter. */
  readonly contentType: string;
  /** Distinguishes this format from others that have its `Content-Type`. */
  readonly form?: string;
  /** The beginning of a page, what separates two families, and the end. Default: nothing. */
  readonly begin?: string;
  readonly between?: string;
  readonly end: string;
  /** Whether names are escaped for old scrapers. Default: true. */
  readonly isEscaped?: boolean;
  /** The families of a page, changed where the format would give two of them one name. Default: as they are. */
  withDistinctNames?(families: readonly FamilySource[]): readonly FamilySource[];
  /** Prepares the page of a family whose numbers are read where they lie. */
  prepare(family: LiveFamily, variant: Variant): PreparedPage;
  /** Writes a family as it stood at one moment. `source` is what it is a snapshot of. */
  write(family: FamilySnapshot, variant: Variant, source: FamilySource): Uint8Array;
}

/** How a page is written in its format: what two scrapes must have in common to share prepared bytes. */
export interface Variant {
  readonly escaping: Escaping;
  /** Whether series show when they began (OpenMetrics `_created`). */
  readonly created: boolean;
  /** Prefix of all names. */
  readonly prefix: string;
  /** Labels for every series that has no label of the same name. */
  readonly defaultLabels: LabelPairs;
}

/** A family's head under the name that this variant gives it. */
export function headIn(variant: Variant, { name, type, help, unit }: FamilyHead): FamilyHead {
  return { name: variant.prefix + name, type, help, unit };
}

/** Default labels, then those of the series, which win where both have one of the same name. */
export function withDefaults(variant: Variant, labels: LabelPairs): LabelPairs {
  const { defaultLabels } = variant;
  if (defaultLabels.length === 0) return labels;
  return [...labels, ...defaultLabels.filter(([name]) => !labels.some(([own, value]) => own === name && value !== ''))];
}

/** OpenMetrics 1.0, section StateSet: the label has the family's name, so the prefix goes before it as well. */
export function labelNameIn({ prefix }: Pick<Variant, 'prefix'>, family: FamilyHead, label: string): string {
  return TYPE_RULES[family.type].lines === 'states' && label === family.name ? prefix + label : label;
}

/** How the two text formats differ. */
export interface Dialect {
  /** Whether `shows` and `forbids` leave nothing out, so that they need not be called. */
  readonly isComplete: boolean;
  /**
   * Whether a bound or rank precedes the other labels of its line, and default labels those of a histogram's series, as with
   * prom-client. Default: false.
   */
  readonly isStepFirst?: boolean;
  /** TYPE, HELP and, where the format has it, UNIT of a family. */
  header(head: FamilyHead, escaping: Escaping): string;
  /** Whether the format has a place for this line of a series. */
  shows(line: SampleShape, lines: readonly SampleShape[]): boolean;
  /**
   * Whether the format forbids this value in such a line, which is left out then. Where that is a histogram's sum, so is
   * its count.
   */
  forbids(rules: TypeRules, suffix: string, value: number): boolean;
  /** Whether samples with this suffix have a place in their family. */
  holds(suffix: string): boolean;
  /** What follows a value, beginning with a space; empty if the line cannot carry an exemplar. */
  exemplar(head: FamilyHead, suffix: string, exemplar: Exemplar, escaping: Escaping): string;
  /** A sample's time, given in milliseconds since the epoch. */
  timestamp(milliseconds: number): string;
  /** The name of the sample that shows when a series began; undefined if the format or the type has none. */
  createdName(head: FamilyHead): string | undefined;
}

/** How names that an old scraper does not know are written for it (Prometheus, "Escaping schemes"). */
export type Escaping = 'underscores' | 'dots' | 'values' | 'allow-utf-8';

export const ESCAPINGS: readonly Escaping[] = ['underscores', 'dots', 'values', 'allow-utf-8'];

/** Writes a metric name so that it needs no quotes; under `allow-utf-8` it stays as it is. */
export function escapeMetricName(name: string, scheme: Escaping): string {
  return escapeName(name, scheme, isLegacyMetricName(name), /[a-zA-Z_:]/, /[a-zA-Z0-9_:]/);
}

/** Writes a label name so that it needs no quotes; under `allow-utf-8` it stays as it is. */
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
  const { open, bare } = lineStart(family, suffix, escaping);
  return labels === '' ? bare : `${open}${labels}} `;
}

/** The start of a line: `open` if labels follow, `bare` if none do. */
export function lineStart(family: string, suffix: string, escaping: Escaping): { open: string; bare: string } {
  const name = escapeMetricName(family, escaping) + suffix;
  if (isLegacyMetricName(name)) return { open: `${name}{`, bare: `${name} ` };
  const quoted = `"${escapeQuoted(name)}"`;
  return { open: `{${quoted},`, bare: `{${quoted}} ` };
}

/** A label's name and everything up to its value. */
export function labelStart(name: string, escaping: Escaping): string {
  const escaped = escapeLabelName(name, escaping);
  return isLegacyLabelName(escaped) ? `${escaped}="` : `"${escapeQuoted(escaped)}"="`;
}

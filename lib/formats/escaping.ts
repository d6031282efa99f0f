import { isLegacyLabelName, isLegacyMetricName } from '../model/names.js';

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
  // `dots` writes legal names anew as well: only so is it told apart whether an underscore was one.
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

/** Escapes what the text formats escape in a quoted text: backslash, newline, double quote. */
export function escapeQuoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, (character) => ESCAPES[character] as string) : text;
}

/** Escapes what text 0.0.4 escapes in a help line, where nothing is quoted: backslash and newline. */
export function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (character) => ESCAPES[character] as string);
}

const NEEDS_ESCAPE = /[\\\n"]/;
const ESCAPED = /[\\\n"]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

/** Label names and values in the order in which they are printed. */
export type LabelPairs = readonly (readonly [name: string, value: string])[];

/**
 * A family's name as it stands in a `# TYPE` line: quoted where it is no legacy name. The suffix belongs to the format
 * and is not escaped.
 */
export function nameInHeader(name: string, escaping: Escaping, suffix = ''): string {
  const escaped = escapeMetricName(name, escaping) + suffix;
  return isLegacyMetricName(escaped) ? escaped : `"${escapeQuoted(escaped)}"`;
}

/** One `name="value"` behind the other; pairs with an empty value are left out, because an empty label is none. */
export function formatLabels(pairs: LabelPairs, escaping: Escaping): string {
  let text = '';
  for (const [name, value] of pairs) {
    if (value === '') continue;
    text += `${text === '' ? '' : ','}${labelStart(name, escaping)}${escapeQuoted(value)}"`;
  }
  return text;
}

/** Everything of a line before its value. The family's name is escaped, the suffix is not: it belongs to the format. */
export function linePrefix(family: string, suffix: string, labels: string, escaping: Escaping): string {
  const { open, bare } = lineStart(family, suffix, escaping);
  return labels === '' ? bare : `${open}${labels}} `;
}

/** How a line begins: `open` where labels follow, `bare` where none do. */
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

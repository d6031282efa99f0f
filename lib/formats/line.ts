import { isLegacyLabelName, isLegacyMetricName } from '../model/names.js';
import { type Escaping, escapeLabelName, escapeMetricName } from './escaping.js';
import { escapeQuoted } from './quoting.js';

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

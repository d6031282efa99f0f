import { escapeQuoted } from '../formats/format.js';
import { isLegacyLabelName, isLegacyMetricName } from '../model/names.js';

/** One condition on a label. */
export type Matcher = readonly [label: string, operator: '=' | '!=' | '=~' | '!~', value: string];

/** A string literal. Queries use the same escapes as pages. */
export function quoted(text: string): string {
  return `"${escapeQuoted(text)}"`;
}

/** A series selector, `name{label="value"}`, with names quoted if necessary. */
export function selector(name: string, matchers: readonly Matcher[] = []): string {
  const conditions = matchers.map(([label, operator, value]) => {
    return `${isLegacyLabelName(label) ? label : quoted(label)}${operator}${quoted(value)}`;
  });
  if (isLegacyMetricName(name)) return conditions.length === 0 ? name : `${name}{${conditions.join(', ')}}`;
  return `{${[quoted(name), ...conditions].join(', ')}}`;
}

/** Formats a number without rounding errors: `0.0144`, not `0.014400000000000001`. */
export function decimal(value: number): string {
  return String(Number(value.toPrecision(12)));
}

/** A regular expression that matches exactly this string. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A condition on `le`: formats write integer bounds as `1` or `1.0`, and Prometheus 3 stores the latter. */
export function bound(latency: number): Matcher {
  const text = decimal(latency);
  if (!Number.isInteger(latency)) return ['le', '=', text];
  return ['le', '=~', `${literal(text)}(\\.0)?`];
}

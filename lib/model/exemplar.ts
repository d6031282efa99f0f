/** A pointer from a sample to one event behind it, usually a trace (OpenMetrics 1.0, section Exemplars). */
export interface Exemplar {
  /** At most 128 code points of names and values together. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number;
}

/** Maximum length of an exemplar's names and values together, in code points (OpenMetrics 1.0, section Exemplars). */
export const EXEMPLAR_LIMIT = 128;

/** Length of all names and values together, in code points, not UTF-16 units. */
export function exemplarLength(labels: Readonly<Record<string, string>>): number {
  let length = 0;
  for (const [name, value] of Object.entries(labels)) length += codePoints(name) + codePoints(value);
  return length;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

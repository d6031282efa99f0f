/** A pointer from a sample to one event behind it, usually a trace (OpenMetrics 1.0, section Exemplars). */
export interface Exemplar {
  /** At most 128 code points of names and values together. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number;
}

/** The most code points that an exemplar's names and values may have together (OpenMetrics 1.0, section Exemplars). */
export const EXEMPLAR_LIMIT = 128;

/** Code points, not UTF-16 units, of all names and values. */
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

/** Maximum entries of a table. Filling one takes a few milliseconds at most. */
const MAX_ENTRIES = 1 << 18;

/**
 * Maximum entries per series of a table of up to a few thousand entries, and of a larger one, which then takes no more
 * memory than the hash table.
 */
const ENTRIES_PER_SERIES = 18;
const SMALL_TABLE = 4096;
const ENTRIES_PER_SERIES_IF_LARGE = 3;

/**
 * A table with an entry, row + 1 or 0, for every combination of label values. A look-up takes a multiplication per
 * label and no comparison. It is kept in addition to the hash table if most combinations are in use, or if there are
 * few.
 */
export interface DenseRows {
  readonly entries: Int32Array;
  /** Distance between the entries of neighboring values of each label. */
  readonly strides: readonly number[];
  /** Exclusive upper bounds of the numbers of values of each label, with some room for new values. */
  readonly widths: readonly number[];
}

/**
 * Returns an empty table for labels with the given numbers of values, or undefined if it would be too large for this
 * number of series.
 */
export function denseRows(values: readonly number[], series: number): DenseRows | undefined {
  const widths = values.map((count) => count + (count >> 2) + 1);
  const strides: number[] = [];
  let entries = 1;
  for (let i = widths.length - 1; i >= 0; i--) {
    strides[i] = entries;
    entries *= widths[i];
  }
  const most = Math.max(Math.min(series * ENTRIES_PER_SERIES, SMALL_TABLE), series * ENTRIES_PER_SERIES_IF_LARGE);
  if (entries > Math.min(most, MAX_ENTRIES)) return undefined;
  return { entries: new Int32Array(entries), strides, widths };
}

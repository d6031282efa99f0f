import type { GroupReading, LiveFamily } from './live-family.js';

/** Some rows of a family. */
export interface RowRange {
  /** The first row to read. Default: 0. */
  readonly from?: number;
  /** The row to stop before. Default: the end. */
  readonly to?: number;
}

/**
 * Reads a family group by group, and yields the number of each group that has been read. Without a range, a merged
 * family is prepared first; with one, the caller must have prepared it.
 */
export function* readGroups(family: LiveFamily, reading: GroupReading, rows?: RowRange): Generator<number> {
  if (rows === undefined) for (const _ of family.prepare?.(reading.withNative) ?? []);
  const { groupRows, rowCount } = family;
  const { from = 0, to = rowCount } = rows ?? {};
  const end = Math.min(to, rowCount);
  for (let group = Math.floor(from / groupRows); group * groupRows < end; group++) {
    family.readGroup(group, reading);
    yield group;
  }
}

/** Reads a family as `readGroups` does, and calls `take` for each series; its values begin at `reading.values[at]`. */
export function readSeries(
  family: LiveFamily,
  reading: GroupReading,
  take: (row: number, labelValues: readonly string[], at: number) => void,
  rows?: RowRange,
): void {
  const lines = family.shape.length;
  const { from = 0, to = Number.POSITIVE_INFINITY } = rows ?? {};
  for (const _ of readGroups(family, reading, rows)) {
    let at = 0;
    for (let row = reading.from; row < Math.min(reading.to, to); row++) {
      const labelValues = family.labelValues(row);
      // Rows without a series have no values.
      if (labelValues === undefined) continue;
      if (row >= from) take(row, labelValues, at);
      at += lines;
    }
  }
}

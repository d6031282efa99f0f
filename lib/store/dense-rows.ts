/** The most places of a table. Filling one takes a few milliseconds at most. */
const MAX_PLACES = 1 << 18;

/** Places that are allowed for each series, up to a few thousand; and beyond: then it is no larger than the hash table. */
const PLACES_OF_SERIES = 18;
const FEW_PLACES = 4096;
const PLACES_OF_MANY = 3;

/**
 * A place for every combination of label values, which holds row + 1 or 0. Finding a row there takes a multiplication per
 * label, and no comparison; so it is kept next to the hash table where most combinations are in use, or all are few.
 */
export interface DenseRows {
  readonly places: Int32Array;
  /** The distance between two values of each label. */
  readonly strides: readonly number[];
  /** Numbers of values must be below these, which leave some room for new ones. */
  readonly widths: readonly number[];
}

/** Returns an empty table for labels with so many values each; undefined if it would be too large for so many series. */
export function denseRows(values: readonly number[], series: number): DenseRows | undefined {
  const widths = values.map((count) => count + (count >> 2) + 1);
  const strides: number[] = [];
  let places = 1;
  for (let i = widths.length - 1; i >= 0; i--) {
    strides[i] = places;
    places *= widths[i];
  }
  const most = Math.max(Math.min(series * PLACES_OF_SERIES, FEW_PLACES), series * PLACES_OF_MANY);
  if (places > Math.min(most, MAX_PLACES)) return undefined;
  return { places: new Int32Array(places), strides, widths };
}

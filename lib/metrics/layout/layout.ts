/**
 * What the cells of a series mean: how they become the values of its lines. One for each kind of `CellLayout`; families
 * read their own cells with it, mirrors those of another thread.
 */
export interface RowLayout {
  /** Writes the values of `count` neighbouring rows, line by line. The first row lies at `cells[index]`. */
  read(cells: Float64Array, index: number, firstRow: number, count: number, into: Float64Array, at: number): void;
  /** Writes the values that a series has when it begins. */
  blank(into: Float64Array, at: number): void;
}

/** Makes one value of those of two sources. */
export type Combine = (a: number, b: number) => number;

export const sum: Combine = (a, b) => a + b;

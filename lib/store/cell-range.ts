/** A run of cells that never moves: `cells[index]` up to `cells[index + count - 1]`. */
export interface CellRange {
  readonly cells: Float64Array;
  readonly index: number;
}

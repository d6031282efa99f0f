import type { CellRange } from '../../store/store.js';

/** Where the rows of a family lie, as its journal says. */
export class MirrorRows {
  private readonly blocks: { readonly firstRow: number; readonly rows: number; readonly run: CellRange }[] = [];

  constructor(private readonly width: number) {}

  /** Blocks come in the order of their rows. */
  add(firstRow: number, rows: number, run: CellRange): void {
    this.blocks.push({ firstRow, rows, run });
  }

  clear(): void {
    this.blocks.length = 0;
  }

  /** Where a row's cells are; undefined where the journal has not said so. */
  at(row: number): CellRange | undefined {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { firstRow, rows, run } = this.blocks[middle];
      if (row < firstRow) high = middle;
      else if (row >= firstRow + rows) low = middle + 1;
      else return { cells: run.cells, index: run.index + (row - firstRow) * this.width };
    }
    return undefined;
  }
}

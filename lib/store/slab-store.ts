import type { CellRange, Store } from './store.js';

/** Cells of one slab: 32 KiB, so that an app's hundred small families share a handful of arrays. */
const SLAB_CELLS = 4096;

/** Cuts runs out of slabs; where the memory of a slab comes from is said by whoever is derived. */
export abstract class SlabStore implements Store {
  abstract readonly shared: boolean;
  readonly journal = undefined;
  private slab: Float64Array = new Float64Array(0);
  private used = 0;
  /** Runs that were given back, by their length. */
  private readonly spare = new Map<number, CellRange[]>();

  allocate(count: number): CellRange {
    const spare = this.spare.get(count)?.pop();
    if (spare !== undefined) return spare;
    // A request of a quarter slab or more gets an array of its own, so that little of a slab is ever left unused.
    if (count >= SLAB_CELLS / 4) return { cells: this.makeCells(count), index: 0 };
    if (this.used + count > this.slab.length) {
      this.slab = this.makeCells(SLAB_CELLS);
      this.used = 0;
    }
    const index = this.used;
    this.used += count;
    return { cells: this.slab, index };
  }

  release(run: CellRange, count: number): void {
    run.cells.fill(0, run.index, run.index + count);
    const spare = this.spare.get(count);
    if (spare === undefined) this.spare.set(count, [run]);
    else spare.push(run);
  }

  /** Makes an array of cells that are all 0. */
  protected abstract makeCells(count: number): Float64Array;
}

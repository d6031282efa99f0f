import type { Run, Store } from './store.js';

/** Cells of one slab: 32 KiB, so that an app's hundred small families share a handful of arrays. */
const SLAB_CELLS = 4096;

/** Cells on the heap of this thread. The fastest to make, and seen by nobody else. */
export class HeapStore implements Store {
  readonly journal = undefined;
  private slab = new Float64Array(0);
  private used = 0;
  /** Runs that were given back, by their length. */
  private readonly spare = new Map<number, Run[]>();

  allocate(count: number): Run {
    const spare = this.spare.get(count)?.pop();
    if (spare !== undefined) return spare;
    // A request of a quarter slab or more gets an array of its own, so that little of a slab is ever left unused.
    if (count >= SLAB_CELLS / 4) return { cells: new Float64Array(count), index: 0 };
    if (this.used + count > this.slab.length) {
      this.slab = new Float64Array(SLAB_CELLS);
      this.used = 0;
    }
    const index = this.used;
    this.used += count;
    return { cells: this.slab, index };
  }

  release(run: Run, count: number): void {
    run.cells.fill(0, run.index, run.index + count);
    const spare = this.spare.get(count);
    if (spare === undefined) this.spare.set(count, [run]);
    else spare.push(run);
  }
}

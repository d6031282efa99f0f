import { SlabStore } from './slab-store.js';

/** Cells on the heap of this thread, seen by nobody else. */
export class HeapStore extends SlabStore {
  readonly shared = false;

  protected override makeCells(count: number): Float64Array {
    return new Float64Array(count);
  }
}

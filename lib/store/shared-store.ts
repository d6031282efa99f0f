import { HeapStore } from './heap-store.js';
import { SlabStore } from './slab-store.js';
import type { Store } from './store.js';

/**
 * Cells in shared memory, which another thread can read while this one is busy. Only one thread writes them, so
 * recording is a plain addition, as fast as on the heap.
 */
export class SharedStore extends SlabStore {
  readonly shared = true;

  protected override makeCells(count: number): Float64Array {
    return new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
  }
}

/** The store for whoever asks for none: shared where the runtime can share memory. */
export function makeStore(): Store {
  return typeof SharedArrayBuffer === 'function' ? new SharedStore() : new HeapStore();
}

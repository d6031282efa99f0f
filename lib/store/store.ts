/** A range of cells that never moves. It begins at `cells[index]`; its owner knows how many cells it has. */
export interface CellRange {
  readonly cells: Float64Array;
  readonly index: number;
}

/** Makes the memory that cells and journals lie in. */
export interface Memory {
  /** Whether readers outside of this thread can be given the memory. */
  readonly shared: boolean;
  /** Returns `bytes` bytes, all 0. */
  segment(bytes: number): ArrayBufferLike;
}

/**
 * Where the numbers of metrics live. The owner of a range may write to its cells for good, so recording needs neither
 * the store nor a look-up.
 */
export interface Store {
  /** Whether other threads of this process can read the cells. Default: false. */
  readonly shared?: boolean;
  /** Returns `count` cells, all 0. */
  allocate(count: number): CellRange;
  /** Releases a range of `count` cells that is no longer read or written. */
  release(range: CellRange, count: number): void;
}

/** Cells of one slab: 32 KiB, so that an app's hundred small families share a handful of arrays. */
const SLAB_CELLS = 4096;

/** Cuts ranges of cells out of slabs of memory. */
export class SlabStore implements Store {
  private slab: Float64Array = new Float64Array(0);
  private used = 0;
  private isUnused = true;
  /** Released ranges by their length. */
  private readonly spare = new Map<number, CellRange[]>();

  constructor(private memory: Memory) {}

  /**
   * Allocates from another memory from now on. Existing ranges stay where they are.
   * @internal
   */
  useMemory(memory: Memory): void {
    this.memory = memory;
    this.slab = new Float64Array(0);
    this.used = 0;
    // Their memory is not where readers of the new one look.
    this.spare.clear();
  }

  /**
   * Whether nothing was ever allocated.
   * @internal
   */
  get isEmpty(): boolean {
    return this.isUnused;
  }

  get shared(): boolean {
    return this.memory.shared;
  }

  allocate(count: number): CellRange {
    const spare = this.spare.get(count)?.pop();
    if (spare !== undefined) return spare;
    // A range of a quarter slab or more gets an array of its own, so that little of a slab is ever left unused.
    if (count >= SLAB_CELLS / 4) return { cells: this.makeCells(count), index: 0 };
    if (this.used + count > this.slab.length) {
      this.slab = this.makeCells(SLAB_CELLS);
      this.used = 0;
    }
    const index = this.used;
    this.used += count;
    return { cells: this.slab, index };
  }

  release(range: CellRange, count: number): void {
    range.cells.fill(0, range.index, range.index + count);
    const spare = this.spare.get(count);
    if (spare === undefined) this.spare.set(count, [range]);
    else spare.push(range);
  }

  private makeCells(count: number): Float64Array {
    this.isUnused = false;
    return new Float64Array(this.memory.segment(count * Float64Array.BYTES_PER_ELEMENT));
  }
}

const heapMemory: Memory = { shared: false, segment: (bytes) => new ArrayBuffer(bytes) };

/** Memory that every thread of this process can be given in a message. */
export const sharedMemory: Memory = { shared: true, segment: (bytes) => new SharedArrayBuffer(bytes) };

/** Cells on the heap of this thread. A server in a thread of its own has to ask this one for their values. */
export class HeapStore extends SlabStore {
  constructor() {
    super(heapMemory);
  }
}

/**
 * Cells in shared memory, which another thread can read while this one is busy. Only one thread writes to them, so
 * recording is a plain addition, as fast as on the heap.
 */
export class SharedStore extends SlabStore {
  /** Where cells come from if no shared memory can be allocated: recording must continue. */
  private readonly heap = new HeapStore();

  constructor() {
    super(sharedMemory);
  }

  override allocate(count: number): CellRange {
    try {
      return super.allocate(count);
    } catch {
      return this.heap.allocate(count);
    }
  }

  override release(range: CellRange, count: number): void {
    if (isShared(range)) super.release(range, count);
    else this.heap.release(range, count);
  }
}

/** The addresses of buffers that are no SharedArrayBuffers and can be read outside of this thread all the same: mapped files. */
export const mappedBuffers = new WeakMap<ArrayBufferLike, bigint>();

/** Whether readers outside of this thread can read a range. */
export function isShared({ cells: { buffer } }: CellRange): boolean {
  if (typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer) return true;
  return mappedBuffers.has(buffer);
}

/** The store of a registry that is given none: shared if the runtime can share memory. */
export function defaultStore(): Store {
  return typeof SharedArrayBuffer === 'function' ? new SharedStore() : new HeapStore();
}

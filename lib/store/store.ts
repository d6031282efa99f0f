/** A range of cells that never moves. It begins at `cells[index]`; its owner knows its length. */
export interface CellRange {
  readonly cells: Float64Array;
  readonly index: number;
}

/** Allocates the memory for cells and journals. */
export interface Memory {
  /** Whether readers outside of this thread can access the memory. */
  readonly shared: boolean;
  /** Returns a zeroed buffer of `bytes` bytes. */
  segment(bytes: number): ArrayBufferLike;
}

/**
 * Stores the values of metrics. The owner of a range may write to its cells forever, so recording needs neither the
 * store nor a look-up.
 */
export interface Store {
  /** Whether other threads of this process can read the cells. Default: false. */
  readonly shared?: boolean;
  /** Returns `count` zeroed cells. */
  allocate(count: number): CellRange;
  /** Releases a range of `count` cells that is no longer read or written. */
  release(range: CellRange, count: number): void;
}

/** Cells per slab (32 KiB): the hundred small families of an app share a handful of arrays. */
const SLAB_CELLS = 4096;

/** Allocates ranges of cells from slabs of memory. */
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
    // Readers of the new memory cannot see ranges of the old one.
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
    // A range of a quarter slab or more gets an array of its own, so that little of a slab is wasted.
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

/** Memory that can be sent to every thread of this process. */
export const sharedMemory: Memory = { shared: true, segment: (bytes) => new SharedArrayBuffer(bytes) };

/** Cells on the heap of this thread, which no other thread can read. */
export class HeapStore extends SlabStore {
  constructor() {
    super(heapMemory);
  }
}

/**
 * Cells in shared memory, which other threads can read while this one is busy. Only this thread writes to them, so
 * recording is a plain addition, as fast as on the heap.
 */
export class SharedStore extends SlabStore {
  /** Used if no shared memory can be allocated: recording must continue. */
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

/**
 * Memory that may be that of a mapped file, which other threads can read at its address although it is not a
 * SharedArrayBuffer. The address is a property, so that every copy of promark in the process knows it.
 */
export type MappableBuffer = ArrayBufferLike & { readonly mappedAt?: bigint };

/** Whether readers outside of this thread can read a range. */
export function isShared({ cells: { buffer } }: CellRange): boolean {
  if (typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer) return true;
  return 'mappedAt' in buffer;
}

/** The default store of a registry: shared if the runtime can share memory. */
export function defaultStore(): Store {
  return typeof SharedArrayBuffer === 'function' ? new SharedStore() : new HeapStore();
}

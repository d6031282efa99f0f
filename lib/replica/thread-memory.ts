import { type CellRange, mappedBuffers, sharedMemory } from '../store/store.js';
import type { JournalMemory } from './publish/generation.js';

/**
 * Memory that a reader in another thread has to be given, because only messages carry it. Each generation of a journal
 * is complete in itself: with a newer one, a reader forgets the segments and slabs of those before.
 */
export type MemoryTransfer =
  | { readonly generation: number; readonly segment: ArrayBufferLike }
  | { readonly generation: number; readonly slab: number; readonly buffer: ArrayBufferLike }
  | { readonly generation: number; readonly slab: number; readonly mapped: MappedRange };

/** Bytes of a mapped file, which cannot be posted. Other threads of the process find them at their address. */
export interface MappedRange {
  readonly address: bigint;
  readonly length: number;
}

/**
 * Shared memory for a journal, handed over to readers piece by piece before any record points to it. Messages are sent
 * at once, so this holds while the thread is too busy to do anything else.
 */
export class ThreadMemory {
  private readonly listeners = new Set<(transfer: MemoryTransfer) => void>();
  /** Everything that was handed over, by generation, for readers that come later. */
  private readonly transfers = new Map<number, MemoryTransfer[]>();

  /** Hands a reader all memory, now and as it is made. Returns a function that ends that. */
  listen(listener: (transfer: MemoryTransfer) => void): () => void {
    for (const transfers of this.transfers.values()) transfers.forEach(listener);
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** The memory of a new generation. */
  begin(generation: number): JournalMemory {
    const slabs = new Map<ArrayBufferLike, number>();
    this.transfers.set(generation, []);
    return {
      segment: (bytes) => {
        const segment = sharedMemory.segment(bytes) as SharedArrayBuffer;
        this.handOver({ generation, segment });
        return segment;
      },
      slabOf: ({ cells: { buffer } }: CellRange) => {
        const known = slabs.get(buffer);
        if (known !== undefined) return known;
        const slab = slabs.size;
        const address = mappedBuffers.get(buffer);
        this.handOver({
          generation,
          slab,
          ...(address === undefined ? { buffer } : { mapped: { address, length: buffer.byteLength } }),
        });
        slabs.set(buffer, slab);
        return slab;
      },
    };
  }

  /** Readers that come later need nothing of this generation any more. */
  end(generation: number): void {
    this.transfers.delete(generation);
  }

  private handOver(transfer: MemoryTransfer): void {
    this.transfers.get(transfer.generation)?.push(transfer);
    for (const listener of this.listeners) listener(transfer);
  }
}

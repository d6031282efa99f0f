import { type CellRange, type MappableBuffer, sharedMemory } from '../store/store.js';
import type { JournalMemory } from './publish/generation.js';

/**
 * A message that gives a reader in another thread access to memory. Each generation of a journal is self-contained:
 * once a reader gets a newer one, it drops the segments and slabs of earlier ones.
 */
export type MemoryTransfer =
  | { readonly kind: 'segment'; readonly generation: number; readonly segment: ArrayBufferLike }
  | { readonly kind: 'slab'; readonly generation: number; readonly slab: number; readonly buffer: ArrayBufferLike }
  | { readonly kind: 'mapped'; readonly generation: number; readonly slab: number; readonly mapped: MappedRange };

/**
 * A range of a mapped file. Its memory cannot be posted, but other threads of the process can read it at its address.
 */
export interface MappedRange {
  readonly address: bigint;
  readonly length: number;
}

/**
 * Shared memory for a journal. Each piece is posted to readers before any record refers to it. Messages are sent
 * immediately, even while the event loop of this thread is blocked.
 */
export class ThreadMemory {
  private readonly listeners = new Map<(transfer: MemoryTransfer) => void, (generation: number) => void>();
  /** Everything sent so far, by generation, for readers that attach later. */
  private readonly transfers = new Map<number, MemoryTransfer[]>();

  /**
   * Calls `listener` with all memory, existing and future, and `ended` with generations that are out of date. Returns a
   * function that stops this.
   */
  listen(listener: (transfer: MemoryTransfer) => void, ended: (generation: number) => void = () => {}): () => void {
    for (const transfers of this.transfers.values()) for (const transfer of transfers) listener(transfer);
    this.listeners.set(listener, ended);
    return () => void this.listeners.delete(listener);
  }

  /** Creates the memory of a new generation. */
  begin(generation: number): JournalMemory {
    const slabs = new Map<ArrayBufferLike, number>();
    this.transfers.set(generation, []);
    return {
      segment: (bytes, begin) => {
        const segment = sharedMemory.segment(bytes) as SharedArrayBuffer;
        begin?.(segment);
        this.send({ kind: 'segment', generation, segment });
        return segment;
      },
      slabOf: ({ cells: { buffer } }: CellRange) => {
        const known = slabs.get(buffer);
        if (known !== undefined) return known;
        const slab = slabs.size;
        const { mappedAt: address }: MappableBuffer = buffer;
        const mapped = address === undefined ? undefined : { address, length: buffer.byteLength };
        this.send(
          mapped === undefined
            ? { kind: 'slab', generation, slab, buffer }
            : { kind: 'mapped', generation, slab, mapped },
        );
        slabs.set(buffer, slab);
        return slab;
      },
    };
  }

  /** Readers that attach later no longer need this generation. */
  end(generation: number): void {
    this.transfers.delete(generation);
    for (const ended of this.listeners.values()) ended(generation);
  }

  private send(transfer: MemoryTransfer): void {
    this.transfers.get(transfer.generation)?.push(transfer);
    for (const listener of this.listeners.keys()) listener(transfer);
  }
}

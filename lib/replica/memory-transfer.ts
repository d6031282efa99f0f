/**
 * Memory that a reader in another thread has to be given, because only messages carry it. Each generation of a journal
 * is complete in itself: with a newer one, a reader forgets the segments and slabs of those before.
 */
export type MemoryTransfer =
  | { readonly generation: number; readonly segment: SharedArrayBuffer }
  | { readonly generation: number; readonly slab: number; readonly buffer: SharedArrayBuffer };

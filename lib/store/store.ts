import type { CellRange } from './cell-range.js';
import type { FamilyLog, Journal } from './family-log.js';

/**
 * Where numbers live. Whoever holds a run may add to its cells for life, so recording needs neither the store nor a
 * look-up.
 */
export interface Store {
  /** Hands out `count` cells, all 0. */
  allocate(count: number): CellRange;
  /** Takes back a run of `count` cells that nobody writes to or reads from any more. */
  release(run: CellRange, count: number): void;
  /** Whether other threads of this process can read the cells. Default: false. */
  readonly shared?: boolean;
  /** Where everything that lives in this store has to be described; undefined where nobody asks for that. */
  readonly journal: Journal | undefined;
}

export type { CellRange, FamilyLog, Journal };

import type { Exemplar } from '../model/exemplar.js';
import type { CellRange } from './store.js';

/**
 * What happens to one family, for readers of its cells elsewhere: a call for each block, series and removal, none for
 * what is recorded.
 */
export interface FamilyLog {
  /** Rows `firstRow` and following lie in the range. */
  block(firstRow: number, rows: number, range: CellRange): void;
  /**
   * A row holds a new series, or its series has begun anew; what belonged to it before does not any more. `createdAt` is
   * in milliseconds since the epoch.
   */
  series(row: number, createdAt: number, labelValues: readonly string[]): void;
  /** Until the next call of `series` or `removed`, the values of a row are those in the range. */
  kept(row: number, range: CellRange): void;
  /** A row holds no series any more. */
  removed(row: number): void;
  /** A row has further cells; `key` says which, in numbers that the reader of the family's layout understands. */
  part(row: number, key: readonly number[], range: CellRange): void;
  /** A line of a series has another exemplar. While exemplars keep coming, readers see one at least every second. */
  exemplar(row: number, line: number, exemplar: Exemplar): void;
  /** The lines of a series have no exemplars any more. */
  forgetExemplars(row: number): void;
  /** Readers may see what was called so far. After this, cells that were given up are used again. */
  commit(): void;
}

import type { FamilyDescriptor } from '../model/descriptor.js';
import type { Exemplar } from '../model/exemplar.js';
import type { CellRange } from './cell-range.js';

/** Where families are described for strangers: what they need to know to read the cells. */
export interface Journal {
  /** Announces a family. Everything further about it goes to the log. */
  family(about: FamilyDescriptor): FamilyLog;
}

/** What happens to one family: written once a block, once a series and once a removal, never when something is counted. */
export interface FamilyLog {
  /** Rows `firstRow` and following lie in the run. */
  block(firstRow: number, rows: number, run: CellRange): void;
  /** A series has taken a row into use. `createdAt` is in milliseconds since the epoch. */
  series(row: number, createdAt: number, labelValues: readonly string[]): void;
  /** A series begins anew. Said before its cells are set back. */
  restarted(row: number, createdAt: number): void;
  /** A row holds no series any more. Said before its cells are set back, so that no reader takes them for the old ones. */
  removed(row: number): void;
  /** A row has further cells; `key` says which, in numbers that the family's reader understands. */
  part(row: number, key: readonly number[], run: CellRange): void;
  /** A line of a series has another exemplar. Readers see it a second later at the latest, if the log is written to. */
  exemplar(row: number, line: number, exemplar: Exemplar): void;
  /** The lines of a series have no exemplars any more. */
  forgetExemplars(row: number): void;
}

import type { Exemplar } from '../model/exemplar.js';
import type { FamilyLog } from '../store/family-log.js';
import type { RowTable } from '../store/row-table.js';
import type { CellRange } from '../store/store.js';

/** Rows described in one step: well under a millisecond of work, even if each has cells besides its row. */
const DESCRIBED_ROWS = 64;

/** Describes the series of one family to logs, so that readers elsewhere can find and read the cells. */
export class SeriesPublisher {
  constructor(
    private readonly rows: RowTable,
    /** Writes one series, with everything that belongs to it, to a log. */
    private readonly describeSeries: (row: number, log: FamilyLog) => void,
  ) {}

  /**
   * Writes the existing series to a log, step by step. A log that follows the family misses nothing that happens
   * between two steps, but may get some series twice.
   */
  *describe(log: FamilyLog): Generator<void> {
    this.rows.describe(log);
    // Rows that are added later are written as they are added.
    const { rowCount } = this.rows;
    for (let row = 0; row < rowCount; row += DESCRIBED_ROWS) {
      const end = Math.min(row + DESCRIBED_ROWS, rowCount);
      for (let at = row; at < end; at++) if (this.rows.isLive(at)) this.describeSeries(at, log);
      yield;
    }
  }

  /** From now on writes to a log what is added and removed. */
  follow(log: FamilyLog): void {
    this.rows.follow(log);
  }

  unfollow(log: FamilyLog): void {
    this.rows.unfollow(log);
  }

  added(row: number): void {
    for (const log of this.rows.logs) this.describeSeries(row, log);
  }

  /** A series has cells besides those of its row. */
  part(row: number, key: readonly number[], run: CellRange): void {
    for (const log of this.rows.logs) log.part(row, key, run);
  }

  exemplar(row: number, line: number, exemplar: Exemplar): void {
    for (const log of this.rows.logs) log.exemplar(row, line, exemplar);
  }

  forgetExemplars(row: number): void {
    for (const log of this.rows.logs) log.forgetExemplars(row);
  }
}

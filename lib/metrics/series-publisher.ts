import type { Exemplar } from '../model/exemplar.js';
import type { FamilyLog } from '../store/row-changes.js';
import type { RowTable } from '../store/row-table.js';
import type { CellRange } from '../store/store.js';

/** Rows described in one step: well under a millisecond of work, even if each has cells besides its row. */
const DESCRIBED_ROWS = 64;

/** Describes the series of one family to logs, so that readers elsewhere can find and read the cells. */
export class SeriesPublisher {
  constructor(private readonly rows: RowTable) {}

  /**
   * Writes the existing series to a log, step by step. A log that follows the family misses nothing that happens
   * between two steps, but may get some series twice.
   */
  *describe(log: FamilyLog): Generator<void> {
    const { changes } = this.rows;
    changes.endTurn();
    this.rows.describe(log);
    // Rows that are added later are written as they are added.
    const { rowCount } = this.rows;
    for (let row = 0; row < rowCount; row += DESCRIBED_ROWS) {
      // A series that is described here must not count as one that no log knows.
      changes.endTurn();
      const end = Math.min(row + DESCRIBED_ROWS, rowCount);
      for (let at = row; at < end; at++) changes.describeRow(at, log);
      yield;
    }
  }

  /** From now on writes to a log what is added and removed. */
  follow(log: FamilyLog): void {
    const { changes } = this.rows;
    changes.logs = [...changes.logs, log];
  }

  unfollow(log: FamilyLog): void {
    const { changes } = this.rows;
    changes.logs = changes.logs.filter((other) => other !== log);
  }

  /** A series has cells besides those of its row. */
  part(row: number, key: readonly number[], range: CellRange): void {
    for (const log of this.logsOf(row)) log.part(row, key, range);
  }

  exemplar(row: number, line: number, exemplar: Exemplar): void {
    for (const log of this.logsOf(row)) log.exemplar(row, line, exemplar);
  }

  forgetExemplars(row: number): void {
    for (const log of this.logsOf(row)) log.forgetExemplars(row);
  }

  /** The logs that get what belongs to the row now; none if it is going to be described at the end of the turn. */
  private logsOf(row: number): readonly FamilyLog[] {
    const { changes } = this.rows;
    return changes.isCurrent(row) ? changes.logs : NONE;
  }
}

const NONE: readonly FamilyLog[] = [];

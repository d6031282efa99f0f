import type { Exemplar } from '../model/exemplar.js';
import { type TurnWork, turn } from '../model/turn.js';
import { type CellRange, isShared, type Store } from './store.js';

/**
 * What happens to one family, for readers of its cells elsewhere: a call for each block, series and removal, none for
 * what is recorded.
 */
export interface FamilyLog {
  /** Rows `firstRow` and following lie in the range. */
  block(firstRow: number, rows: number, range: CellRange): void;
  /**
   * A row holds a new series, or its series was reset; what belonged to it before no longer does. `createdAt` is
   * in milliseconds since the epoch. `again` says that the row had another series in the same turn, of which there is
   * no `kept`.
   */
  series(row: number, createdAt: number, labelValues: readonly string[], again?: boolean): void;
  /** As `series` for `count` neighbouring rows. For each, `rows` has the start time, then the label values. */
  run(firstRow: number, count: number, rows: readonly (number | string)[]): void;
  /** Until the next call of `series` or `removed`, the values of a row are those in the range. */
  kept(row: number, range: CellRange): void;
  /** A row no longer holds a series. `again`: as for `series`. */
  removed(row: number, again?: boolean): void;
  /** A row has further cells. `key` identifies them in numbers that the reader of the family's layout understands. */
  part(row: number, key: readonly number[], range: CellRange): void;
  /** A line of a series has another exemplar. While exemplars keep coming, readers see one at least every second. */
  exemplar(row: number, line: number, exemplar: Exemplar): void;
  /** The lines of a series no longer have exemplars. */
  forgetExemplars(row: number): void;
  /** Readers may see everything that was logged so far. Cells that were released are reused from now on. */
  commit(): void;
}

/** Ranges that may wait for the end of a turn. A turn that releases more than this is seen in parts. */
const MAX_WAITING = 100_000;

/** Changes that one turn logs as they come. A loop that never ends its turn must not fill the memory with them. */
const MAX_LOGGED = 100_000;

/** A series as readers know it while its row is changed. */
interface Former {
  /** The copy of its cells. */
  readonly range: CellRange;
  /** What else belonged to it; kept only during updates, in which it may have to be described again. */
  readonly description: readonly ((log: FamilyLog) => void)[] | undefined;
}

/** The rows that changes are about. */
export interface ChangingRows {
  readonly width: number;
  at(row: number): CellRange;
  isLive(row: number): boolean;
}

/** Knows what belongs to the series of a family in addition to the cells of their rows. */
export interface RowOwner {
  /** Whether the cells of a series that begins are all 0. Otherwise, `beginCells` writes them. */
  readonly beginsBlank: boolean;
  beginCells(cells: Float64Array, index: number): void;
  /** Writes one live series, with everything that belongs to it, to a log. */
  describeSeries(row: number, log: FamilyLog): void;
  /** The same for a series that starts again, which has no cells yet but those of its row. */
  describeRestart(row: number, log: FamilyLog, again: boolean): void;
  /** As `describeSeries` for neighbouring rows `from` up to, not including, `to`, which all hold a series. */
  describeRun(from: number, to: number, log: FamilyLog): void;
  /** Whether `describeRun` may take a live row along, because its series counts for readers at once. */
  fitsInRun(row: number): boolean;
  /** Called when cells have to lie where other threads cannot read them, once. */
  sharedMemoryEnded(): void;
}

/** What follows a family that nothing follows, and what has changed in it: of most families, that is all there ever is. */
const NO_LOGS: readonly FamilyLog[] = [];
const NO_FORMER = new Map<number, Former | undefined>();
const NO_ROWS = new Set<number>();
const NO_RANGES: { readonly range: CellRange; readonly count: number }[] = [];

/**
 * What changes among the rows of a family while others read the cells. Each change is logged as it comes, so that the
 * logs of a thread that is terminated lack nothing; readers apply it when the turn has ended. From the first series that
 * is removed or begins anew to the end of the turn, they have the family as it was before, with copies of the old cells
 * of such rows. During an update, which may take several turns, changes are not logged. Without logs, nothing is put off.
 */
export class RowChanges implements Store, TurnWork {
  /** The logs that follow the family. */
  logs = NO_LOGS;
  /** The rows that have changed in this turn or update, and the series that readers have there; undefined for none. */
  private former = NO_FORMER;
  /** The rows whose changes are not logged yet. */
  private unlogged = NO_ROWS;
  /** Number of changes that this turn has logged. */
  private logged = 0;
  private released = NO_RANGES;
  /** Updates of the family that are under way and may take several turns. */
  private updates = 0;
  /** Whether cells are on this thread's heap because no shared memory could be allocated. */
  private unshared = false;

  constructor(
    private readonly store: Store,
    private readonly rows: ChangingRows,
    private readonly owner: RowOwner | undefined,
  ) {}

  /** Whether all cells are where other threads can read them. */
  get shared(): boolean {
    return this.store.shared === true && !this.unshared;
  }

  allocate(count: number): CellRange {
    const range = this.store.allocate(count);
    if (this.shared && !isShared(range)) {
      this.unshared = true;
      this.owner?.sharedMemoryEnded();
    }
    return range;
  }

  release(range: CellRange, count: number): void {
    if (this.logs.length === 0) {
      this.store.release(range, count);
      return;
    }
    if (this.released === NO_RANGES) this.released = [];
    this.released.push({ range, count });
    this.putOff();
    if (this.released.length > MAX_WAITING) turn.end();
  }

  /** A row holds a new series. */
  added(row: number): void {
    if (this.logs.length === 0) return;
    if (this.former.size > 0 || this.updates > 0) {
      if (!this.former.has(row)) this.noteFormer(row, undefined);
      if (this.putsOff(row)) return;
    }
    for (const log of this.logs) this.owner?.describeSeries(row, log);
  }

  /** A row's series has been removed, and its cells are about to be set back. */
  removing(row: number): void {
    if (this.logs.length === 0) return;
    const again = this.former.has(row);
    if (!again) this.keep(row);
    if (this.putsOff(row, again)) return;
    for (const log of this.logs) log.removed(row, again);
  }

  /** A row's cells are about to be set back. */
  restarting(row: number): void {
    if (this.logs.length > 0 && !this.former.has(row)) this.keep(row);
  }

  /** A row's series has started again. */
  restarted(row: number, again: boolean): void {
    if (this.logs.length === 0 || this.putsOff(row, again)) return;
    for (const log of this.logs) this.owner?.describeRestart(row, log, again);
  }

  /** Whether a row has changed in this turn or update. */
  hasChanged(row: number): boolean {
    return this.former.has(row);
  }

  /** Whether an update is under way: what it removes and resets comes from the program's `collect`, not from its user. */
  get isUpdating(): boolean {
    return this.updates > 0;
  }

  /** Whether the logs get what belongs to the row now, not at the end of the turn. */
  isCurrent(row: number): boolean {
    return !this.unlogged.has(row);
  }

  /** Writes to a log the series that readers have now on the rows `from` up to, not including, `to`. */
  describeRows(from: number, to: number, log: FamilyLog): void {
    for (let row = from; row < to; ) {
      const first = row;
      while (row < to && this.fitsInRun(row)) row += 1;
      if (row > first) this.owner?.describeRun(first, row, log);
      else this.describeRow(row++, log);
    }
  }

  private fitsInRun(row: number): boolean {
    const isUnchanged = !this.former.has(row) && !this.unlogged.has(row);
    return isUnchanged && this.rows.isLive(row) && this.owner?.fitsInRun(row) === true;
  }

  private describeRow(row: number, log: FamilyLog): void {
    const former = this.former.get(row);
    if (former?.description !== undefined) {
      for (const write of former.description) write(log);
      log.kept(row, former.range);
    } else if (!(former === undefined && this.unlogged.has(row)) && this.rows.isLive(row)) {
      this.owner?.describeSeries(row, log);
    }
  }

  /** Ends the turn if it has changed rows of the family. */
  endTurn(): void {
    if (this.former.size > 0 && this.updates === 0) turn.end();
  }

  /** Keeps readers at the family as it is until the returned function is called, over several turns. */
  beginUpdate(): () => void {
    // What came before is not a part of it.
    this.endTurn();
    let ended = false;
    this.updates += 1;
    return () => {
      if (ended) return;
      ended = true;
      this.updates -= 1;
      if (this.former.size > 0) this.putOff();
    };
  }

  describe(): void {
    if (this.updates > 0) return;
    for (const row of this.unlogged) {
      for (const log of this.logs) {
        if (this.rows.isLive(row)) this.owner?.describeSeries(row, log);
        else log.removed(row);
      }
    }
  }

  settle(): void {
    if (this.updates > 0) return;
    for (const log of this.logs) log.commit();
    for (const former of this.former.values()) {
      if (former !== undefined) this.store.release(former.range, this.rows.width);
    }
    for (const { range, count } of this.released) this.store.release(range, count);
    this.former.clear();
    this.unlogged.clear();
    this.logged = 0;
    this.released = NO_RANGES;
  }

  /**
   * Whether a change of a row is logged at the end of the turn or update, not now. `again` says that an earlier one of
   * the same turn may be logged.
   */
  private putsOff(row: number, again = false): boolean {
    this.putOff();
    this.logged += 1;
    if (this.updates === 0 && this.logged <= MAX_LOGGED) {
      this.unlogged.delete(row);
      return false;
    }
    // The logs must not say that the row holds a series which it no longer does.
    if (again && this.updates === 0 && !this.unlogged.has(row)) for (const log of this.logs) log.removed(row);
    if (this.unlogged === NO_ROWS) this.unlogged = new Set();
    this.unlogged.add(row);
    return true;
  }

  private keep(row: number): void {
    const { width } = this.rows;
    const { cells, index } = this.rows.at(row);
    const copy = this.store.allocate(width);
    copy.cells.set(cells.subarray(index, index + width), copy.index);
    this.noteFormer(row, { range: copy, description: this.updates > 0 ? this.descriptionOf(row) : undefined });
    for (const log of this.logs) log.kept(row, copy);
  }

  private noteFormer(row: number, former: Former | undefined): void {
    if (this.former === NO_FORMER) this.former = new Map();
    this.former.set(row, former);
  }

  private descriptionOf(row: number): Former['description'] {
    const calls: ((log: FamilyLog) => void)[] = [];
    this.owner?.describeSeries(row, {
      block: (...args) => calls.push((log) => log.block(...args)),
      series: (...args) => calls.push((log) => log.series(...args)),
      run: (...args) => calls.push((log) => log.run(...args)),
      kept: (...args) => calls.push((log) => log.kept(...args)),
      removed: (...args) => calls.push((log) => log.removed(...args)),
      part: (...args) => calls.push((log) => log.part(...args)),
      exemplar: (...args) => calls.push((log) => log.exemplar(...args)),
      forgetExemplars: (...args) => calls.push((log) => log.forgetExemplars(...args)),
      commit: () => {},
    });
    return calls;
  }

  private putOff(): void {
    if (this.updates === 0) turn.add(this);
  }
}

import type { Exemplar } from '../model/exemplar.js';
import { type TurnWork, turn } from '../model/turn.js';
import { type CellRange, isShared, type Store } from './store.js';

/**
 * Receives the changes of one family, for readers of its cells in other threads or processes: a call for each block,
 * series and removal, but none for recorded values.
 */
export interface FamilyLog {
  /** Rows `firstRow` and following lie in the range. */
  block(firstRow: number, rows: number, range: CellRange): void;
  /**
   * A row holds a new series, or its series was reset; whatever was logged about the row before is void. `createdAt` is
   * in milliseconds since the epoch. `again` means that the row held yet another series in the same turn, for which
   * `kept` was not called.
   */
  series(row: number, createdAt: number, labelValues: readonly string[], again?: boolean): void;
  /** Like `series`, for `count` neighboring rows. `rows` has, for each, the start time and then the label values. */
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
  /**
   * From now on, the family may have to be refreshed before it is read. Logs of another copy of promark may lack this.
   */
  refreshing?(): void;
  /** Readers may see everything that was logged so far. Released cells are reused from now on. */
  commit(): void;
}

/**
 * Maximum number of released ranges that wait for the end of a turn. Readers see a turn that releases more in parts.
 */
const MAX_RELEASED = 100_000;

/**
 * Maximum number of changes that one turn logs immediately. A loop that never ends its turn must not exhaust the
 * memory.
 */
const MAX_LOGGED = 100_000;

/** A series as readers see it while its row is changed. */
interface Former {
  /** The copy of its cells. */
  readonly range: CellRange;
  /** Everything else that was logged about it; stored only during updates, in which it may have to be logged again. */
  readonly description: readonly ((log: FamilyLog) => void)[] | undefined;
}

/** The rows of the family whose changes are logged. */
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
  /** The same for a series that starts again, whose only cells are those of its row. */
  describeRestart(row: number, log: FamilyLog, again: boolean): void;
  /** Like `describeSeries`, for neighboring rows from `from` up to, not including, `to`, which all hold a series. */
  describeRun(from: number, to: number, log: FamilyLog): void;
  /** Whether `describeRun` may include a live row, because readers see its series immediately. */
  fitsInRun(row: number): boolean;
  /** Called once, when cells had to be allocated where other threads cannot read them. */
  sharedMemoryEnded(): void;
}

/** Shared empty values: most families never have a log or changes. */
const NO_LOGS: readonly FamilyLog[] = [];
const NO_FORMER = new Map<number, Former | undefined>();
const NO_ROWS = new Set<number>();
const NO_RANGES: { readonly range: CellRange; readonly count: number }[] = [];

/**
 * Tracks the changes of a family's rows while others read its cells. Each change is logged immediately, so that the
 * logs of a terminated thread are complete; readers apply it when the turn has ended. From the first removal or restart
 * of a series to the end of the turn, readers see the family as it was before, with copies of the old cells of such
 * rows. Changes of an update, which may take several turns, are logged at its end. Without logs, nothing is deferred.
 */
export class RowChanges implements Store, TurnWork {
  /** The logs that follow the family. */
  logs = NO_LOGS;
  /**
   * The rows that have changed in this turn or update, with the series that readers see there; undefined if they see
   * none.
   */
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
    this.defer();
    if (this.released.length > MAX_RELEASED) turn.end();
  }

  /** A row holds a new series. */
  added(row: number): void {
    if (this.logs.length === 0) return;
    if (this.former.size > 0 || this.updates > 0) {
      if (!this.former.has(row)) this.noteFormer(row, undefined);
      if (this.defers(row)) return;
    }
    for (const log of this.logs) this.owner?.describeSeries(row, log);
  }

  /** A row's series has been removed, and its cells are about to be zeroed. */
  removing(row: number): void {
    if (this.logs.length === 0) return;
    const again = this.former.has(row);
    if (!again) this.keep(row);
    if (this.defers(row, again)) return;
    for (const log of this.logs) log.removed(row, again);
  }

  /** A row's cells are about to be zeroed. */
  restarting(row: number): void {
    if (this.logs.length > 0 && !this.former.has(row)) this.keep(row);
  }

  /** A row's series has started again. */
  restarted(row: number, again: boolean): void {
    if (this.logs.length === 0 || this.defers(row, again)) return;
    for (const log of this.logs) this.owner?.describeRestart(row, log, again);
  }

  /** Whether a row has changed in this turn or update. */
  hasChanged(row: number): boolean {
    return this.former.has(row);
  }

  /** Whether an update is under way: series are then removed and reset by `collect`, not by a call from the program. */
  get isUpdating(): boolean {
    return this.updates > 0;
  }

  /** Whether changes of the row are logged now, not at the end of the turn. */
  isCurrent(row: number): boolean {
    return !this.unlogged.has(row);
  }

  /** Writes the series that readers currently see on the rows from `from` up to, not including, `to`, to a log. */
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

  /**
   * Lets readers see the family as it is now until the returned function is called, which may be several turns later.
   */
  beginUpdate(): () => void {
    // Earlier changes are not part of the update.
    this.endTurn();
    let ended = false;
    this.updates += 1;
    return () => {
      if (ended) return;
      ended = true;
      this.updates -= 1;
      if (this.former.size > 0) this.defer();
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
   * Whether a change of a row is logged at the end of the turn or update, not now. `again` means that an earlier change
   * of the row in the same turn may have been logged.
   */
  private defers(row: number, again = false): boolean {
    this.defer();
    this.logged += 1;
    if (this.updates === 0 && this.logged <= MAX_LOGGED) {
      this.unlogged.delete(row);
      return false;
    }
    // The logs must not claim that the row holds a series that it no longer holds.
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

  private defer(): void {
    if (this.updates === 0) turn.add(this);
  }
}

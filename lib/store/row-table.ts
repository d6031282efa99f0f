import { GrowingNumbers, makeFloat64s } from './growing-numbers.js';
import { type ChangingRows, type FamilyLog, RowChanges, type RowOwner } from './row-changes.js';
import type { CellRange, Store } from './store.js';

/** Binary logarithm of the largest block size, in rows. Smaller blocks hold as many rows as all before them. */
const FULL_BLOCK_LOG2 = 12;
const FULL_BLOCK = 1 << FULL_BLOCK_LOG2;

/** Lines per group of rows: about 100 KB of page, which renders in well under a millisecond. */
const GROUP_LINES = 1024;

/** The start time of a row without a series. */
const DEAD = 0;

/** Start times of a table without rows. */
const NO_STARTS = new GrowingNumbers(new Float64Array(0), makeFloat64s);

/** The cells of some neighboring rows. A row's cells begin at `origin + row * width`. */
export interface RowBlock extends CellRange {
  /** Where row 0 would begin if it were in this block; may be negative. */
  readonly origin: number;
}

/** Called with a run of neighboring rows: the first is at `cells[index]`, each next one `width` cells further. */
export type RowVisitor = (cells: Float64Array, index: number, firstRow: number, count: number) => void;

/**
 * The rows of one family; a row consists of the cells of one series. Rows lie in blocks that never move. A released row
 * is zeroed and reused.
 */
export class RowTable implements ChangingRows {
  /** Every row that is or was in use is below this. */
  rowCount = 0;
  /** Rows in use. */
  liveCount = 0;
  /** Incremented whenever a series is removed or starts again. */
  revision = 0;
  readonly groupRows: number;
  /** Logs changes for readers in other threads or processes. */
  readonly changes: RowChanges;

  private readonly blocks: RowBlock[] = [];
  private readonly spare: number[] = [];
  private readonly groupVersions: number[] = [];
  /** Start time of each row, in milliseconds since the epoch, or DEAD. */
  private starts = NO_STARTS;

  constructor(
    store: Store,
    /** Cells in a row. */
    readonly width: number,
    /** Lines that a row takes on a page. */
    lines: number,
    private readonly owner?: RowOwner,
  ) {
    this.changes = new RowChanges(store, this, owner);
    // Rounded down to a power of 2.
    this.groupRows = 1 << (31 - Math.clz32(Math.max(1, GROUP_LINES / Math.max(1, lines))));
  }

  /** Allocates a row. */
  take(now: number): number {
    const row = this.spare.pop() ?? this.rowCount;
    if (row === this.rowCount) this.grow();
    this.liveCount += 1;
    this.begin(row, now);
    return row;
  }

  /** Releases a row. Nothing may record into it afterwards. */
  release(row: number): void {
    this.changes.removing(row);
    this.clear(row);
    this.touch(row);
    this.starts.set(row, DEAD);
    this.spare.push(row);
    this.liveCount -= 1;
    this.revision += 1;
  }

  /** Resets a row's cells to 0 and its start time. */
  zero(row: number, now: number): void {
    const again = this.changes.hasChanged(row);
    this.changes.restarting(row);
    this.revision += 1;
    this.clear(row);
    this.begin(row, now);
    this.changes.restarted(row, again);
  }

  /** Describes the blocks that exist so far. */
  describe(log: FamilyLog): void {
    this.blocks.forEach((block, number) => {
      log.block(firstRowOf(number), firstRowOf(number + 1) - firstRowOf(number), block);
    });
  }

  /** Invalidates cached pages of a row. */
  touch(row: number): void {
    this.groupVersions[Math.floor(row / this.groupRows)] += 1;
  }

  groupVersion(group: number): number {
    return this.groupVersions[group] ?? 0;
  }

  startedAt(row: number): number {
    return this.starts.array[row] ?? 0;
  }

  isLive(row: number): boolean {
    return this.startedAt(row) !== DEAD;
  }

  /** Where a row's cells are. */
  at(row: number): CellRange {
    const { cells, origin } = this.blockAt(row);
    return { cells, index: origin + row * this.width };
  }

  /** The block that a row lies in. Unlike `at`, this allocates nothing. */
  blockAt(row: number): RowBlock {
    return this.blocks[blockOf(row)];
  }

  /** Visits the rows in use from `from` up to, not including, `to`, as runs of neighbors. */
  visit(from: number, to: number, visitor: RowVisitor): void {
    const end = Math.min(to, this.rowCount);
    // Without released rows, no row needs a check.
    const full = this.liveCount === this.rowCount;
    let row = from;
    while (row < end) {
      while (!full && row < end && !this.isLive(row)) row += 1;
      if (row >= end) return;
      const number = blockOf(row);
      const stop = Math.min(end, firstRowOf(number + 1));
      const first = row;
      if (full) row = stop;
      else while (row < stop && this.isLive(row)) row += 1;
      const { cells, origin } = this.blocks[number];
      visitor(cells, origin + first * this.width, first, row - first);
    }
  }

  /** Calls `callback` with every row in use. It may release that row. */
  forEachLive(callback: (row: number) => void): void {
    for (let row = 0; row < this.rowCount; row++) if (this.isLive(row)) callback(row);
  }

  private clear(row: number): void {
    const { cells, index } = this.at(row);
    cells.fill(0, index, index + this.width);
  }

  private begin(row: number, now: number): void {
    if (this.owner?.beginsBlank === false) {
      const { cells, index } = this.at(row);
      this.owner.beginCells(cells, index);
    }
    // A test's clock may be at 0, which must not make the row look dead.
    this.starts.set(row, now === DEAD ? 1 : now);
    this.touch(row);
  }

  private grow(): void {
    const row = this.rowCount;
    const number = blockOf(row);
    if (number === this.blocks.length) {
      const rows = firstRowOf(number + 1) - firstRowOf(number);
      const { cells, index } = this.changes.allocate(rows * this.width);
      const block: RowBlock = { cells, index, origin: index - row * this.width };
      this.blocks.push(block);
      for (const log of this.changes.logs) log.block(row, rows, block);
    }
    if (this.starts === NO_STARTS) this.starts = new GrowingNumbers(new Float64Array(1), makeFloat64s);
    this.starts.reserve(row + 1);
    this.rowCount += 1;
    if (Math.floor(row / this.groupRows) === this.groupVersions.length) this.groupVersions.push(0);
  }
}

/** Blocks hold 1, 1, 2, 4, … 2048 rows, then 4096 each. */
function blockOf(row: number): number {
  return row < FULL_BLOCK ? 32 - Math.clz32(row) : FULL_BLOCK_LOG2 + (row >>> FULL_BLOCK_LOG2);
}

function firstRowOf(block: number): number {
  if (block <= 0) return 0;
  return block <= FULL_BLOCK_LOG2 ? 1 << (block - 1) : (block - FULL_BLOCK_LOG2) << FULL_BLOCK_LOG2;
}

import type { Exemplar } from '../model/exemplar.js';
import type { GroupReading } from '../model/live-family.js';
import type { FamilyLog, RowOwner } from '../store/row-changes.js';
import { RowTable, type RowVisitor } from '../store/row-table.js';
import { SeriesIndex } from '../store/series-index.js';
import type { CellRange, Store } from '../store/store.js';
import type { RowLayout } from './layout/rows.js';

/** The value of every label of the overflow series. */
export const OVERFLOW = '__overflow__';

/** One series of a family and its cells. */
export interface Child {
  /**
   * -1 once the series has been removed; from then on the child records into cells that nobody reads.
   * @internal
   */
  row: number;
  /** @internal */
  cells: Float64Array;
  /** @internal */
  index: number;
  /**
   * Whether a caller got this child and may keep recording on it.
   * @internal
   */
  pinned: boolean;
}

/** A family whose series are in a table. */
export interface SeriesOwner<C extends Child> extends RowOwner {
  readonly labelNames: readonly string[];
  /** Lines of one series. */
  readonly shape: { readonly length: number };
  /** Maximum number of series, beyond which observations go to the overflow series; 0 for no limit. */
  readonly maxSeries: number;
  /** Whether children are created for one recording and dropped unless a caller gets them. */
  readonly transientChildren: boolean;
  /** Creates the child that records into a row. */
  makeChild(row: number): C;
  /** Called for a child whose series has been removed. */
  removed(child: C): void;
  /** Called for each observation that goes to the overflow series because the family is full. */
  overflowed(): void;
}

/** The series of one family: finds them by their labels, adds and removes them, and keeps their children. */
export class SeriesTable<C extends Child> {
  readonly rows: RowTable;
  readonly index: SeriesIndex;
  /** The child of each row that has one. */
  readonly children: (C | undefined)[] = [];
  /** The row of the overflow series, or -1. */
  private overflow = -1;

  constructor(
    store: Store,
    private readonly owner: SeriesOwner<C>,
    /** Cells of one series. */
    width: number,
  ) {
    this.rows = new RowTable(store, width, owner.shape.length, owner);
    this.index = new SeriesIndex(owner.labelNames.length);
  }

  /** The label values of a live row, in the order of the family's labels. */
  valuesOf(row: number, into?: string[]): readonly string[] {
    return this.index.valuesOf(row, into);
  }

  /**
   * Returns the row of the series with these label values. It is added if it is new; if the family is full, the row is
   * that of the overflow series. `isNew` means that the last look-up in the index has not found the series.
   */
  admit(labelValues: readonly string[], isNew = false): number {
    const row = isNew ? -1 : this.index.find(labelValues);
    if (row >= 0) return row;
    const { maxSeries } = this.owner;
    const regular = this.rows.liveCount - (this.overflow < 0 ? 0 : 1);
    if (maxSeries === 0 || regular < maxSeries) return this.add(labelValues);
    this.owner.overflowed();
    if (this.overflow < 0) this.overflow = this.overflowRow();
    return this.overflow;
  }

  get labelNames(): readonly string[] {
    return this.owner.labelNames;
  }

  /** Whether the family has labels. */
  get isLabeled(): boolean {
    return this.owner.labelNames.length > 0;
  }

  isOverflow(row: number): boolean {
    return row === this.overflow;
  }

  /** The child of a row, for a caller that may keep recording on it. */
  pin(row: number): C {
    const child = this.children[row] ?? this.keep(row);
    child.pinned = true;
    return child;
  }

  /** Removes a series. Recording on its child, if there is one, has no effect from then on. */
  drop(row: number): void {
    const child = this.children[row];
    // This comes first, because the removed series may have to be logged.
    this.rows.release(row);
    if (child !== undefined) this.children[row] = undefined;
    if (this.overflow === row) this.overflow = -1;
    this.index.remove(row);
    if (child !== undefined) this.owner.removed(child);
  }

  private overflowRow(): number {
    const labelValues = this.owner.labelNames.map(() => OVERFLOW);
    const row = this.index.find(labelValues);
    return row >= 0 ? row : this.add(labelValues);
  }

  private add(labelValues: readonly string[]): number {
    const row = this.rows.take(Date.now());
    this.index.addSought(row, labelValues);
    if (!this.owner.transientChildren) this.keep(row);
    this.rows.changes.added(row);
    return row;
  }

  private keep(row: number): C {
    const child = this.owner.makeChild(row);
    // Filled without gaps: V8 turns an array that is written far beyond its end into a slow dictionary.
    while (this.children.length < row) this.children.push(undefined);
    this.children[row] = child;
    return child;
  }
}

/** Reads the cells of a family's series, group by group. */
export class SeriesReader {
  private into: GroupReading | undefined;

  constructor(
    private readonly rows: RowTable,
    private readonly layout: RowLayout,
    /** Lines of one series. */
    private readonly lines: number,
  ) {}

  readGroup(group: number, into: GroupReading): void {
    const { rows } = this;
    const from = group * rows.groupRows;
    const to = Math.min(from + rows.groupRows, rows.rowCount);
    into.version = rows.groupVersion(group);
    into.begin(from, to, this.lines);
    this.into = into;
    rows.visit(from, to, this.visitor);
    this.into = undefined;
  }

  /** Created once, not for each group: pages of families that have not changed allocate nothing. */
  private readonly visitor: RowVisitor = (cells, index, firstRow, count) => {
    const { into } = this;
    if (into === undefined) return;
    this.layout.read(cells, index, firstRow, count, into.values, into.length);
    into.length += count * this.lines;
  };
}

/** Rows per step: well under a millisecond of work, even if each series has cells besides its row. */
const DESCRIBED_ROWS = 64;

/** Describes the series of one family to logs, for readers in other threads and processes. */
export class SeriesPublisher {
  constructor(private readonly rows: RowTable) {}

  /**
   * Writes the existing series to a log, step by step. If the log follows the family, it misses nothing in between, but
   * may get some series twice.
   */
  *describe(log: FamilyLog): Generator<void> {
    const { changes } = this.rows;
    changes.endTurn();
    this.rows.describe(log);
    // The log gets later rows as a follower.
    const { rowCount } = this.rows;
    for (let row = 0; row < rowCount; row += DESCRIBED_ROWS) {
      // A series that was added in this turn must not count as unlogged once it is described here.
      changes.endTurn();
      const end = Math.min(row + DESCRIBED_ROWS, rowCount);
      changes.describeRows(row, end, log);
      yield;
    }
  }

  /** Writes series that are added or removed from now on to a log. */
  follow(log: FamilyLog): void {
    const { changes } = this.rows;
    changes.logs = [...changes.logs, log];
  }

  unfollow(log: FamilyLog): void {
    const { changes } = this.rows;
    changes.logs = changes.logs.filter((other) => other !== log);
  }

  /** Logs cells that a series has besides those of its row. */
  part(row: number, key: readonly number[], range: CellRange): void {
    for (const log of this.logsOf(row)) log.part(row, key, range);
  }

  exemplar(row: number, line: number, exemplar: Exemplar): void {
    for (const log of this.logsOf(row)) log.exemplar(row, line, exemplar);
  }

  forgetExemplars(row: number): void {
    for (const log of this.logsOf(row)) log.forgetExemplars(row);
  }

  /** Logs that the family may have to be refreshed before it is read. */
  refreshing(): void {
    for (const log of this.rows.changes.logs) log.refreshing?.();
  }

  /** The logs to write to now; none if the row is going to be described at the end of the turn. */
  private logsOf(row: number): readonly FamilyLog[] {
    const { changes } = this.rows;
    return changes.isCurrent(row) ? changes.logs : NONE;
  }
}

const NONE: readonly FamilyLog[] = [];

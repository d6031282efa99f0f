import { OVERFLOW } from '../../metrics/series-table.js';
import { SeriesIndex } from '../../store/series-index.js';

/**
 * The rows of a merged family, one per series that any source has. A row is reused once the last source has dropped its
 * series.
 */
export class MergedRows {
  /** All rows, in use or free, are below this. */
  rowCount = 0;
  /** Incremented whenever a series is removed or restarts. */
  revision = 0;
  /** Rows that hold a series. */
  liveCount = 0;
  /** The row of the overflow series, or -1. */
  private overflow = -1;
  private readonly index: SeriesIndex;
  /** How many source rows each row combines. */
  private readonly uses: number[] = [];
  private readonly spare: number[] = [];
  private readonly versions: number[] = [];
  private changes = 0;

  constructor(
    private readonly labels: number,
    private readonly groupRows: number,
    /** 0 for no limit. */
    private readonly maxSeries: number,
  ) {
    this.index = new SeriesIndex(labels);
  }

  /**
   * Returns the row for a series and links one more source row to it. If the family is full, it is the overflow row,
   * except for a series for which `belongs` returns true.
   */
  link(values: readonly string[], belongs?: (values: readonly string[]) => boolean): number {
    let row = this.index.find(values);
    if (row < 0) row = this.hasRoom || belongs?.(values) === true ? this.add(values) : this.overflowRow();
    this.uses[row] += 1;
    this.touch(row);
    return row;
  }

  /** Unlinks a source row from a row. */
  unlink(row: number): void {
    this.uses[row] -= 1;
    this.touch(row);
    this.revision += 1;
    if (this.uses[row] > 0) return;
    this.index.remove(row);
    this.spare.push(row);
    this.liveCount -= 1;
    if (row === this.overflow) this.overflow = -1;
  }

  /** Marks a row's series as restarted in one of its sources. */
  restart(row: number): void {
    this.touch(row);
    this.revision += 1;
  }

  /** Marks the row as changed, so that it is rendered again. */
  touch(row: number): void {
    this.changes += 1;
    this.versions[Math.floor(row / this.groupRows)] = this.changes;
  }

  isOverflow(row: number): boolean {
    return row === this.overflow;
  }

  /** Returns the overflow row if it is in this range, or -1. */
  overflowRowIn(from: number, to: number): number {
    return this.overflow >= from && this.overflow < to ? this.overflow : -1;
  }

  isLive(row: number): boolean {
    return this.uses[row] > 0;
  }

  groupVersion(group: number): number {
    return this.versions[group] ?? 0;
  }

  valuesOf(row: number): readonly string[] | undefined {
    return this.isLive(row) ? this.index.valuesOf(row) : undefined;
  }

  /** Whether a series has a row. */
  has(values: readonly string[]): boolean {
    return this.index.find(values) >= 0;
  }

  /** Whether the row has these label values. */
  isOf(row: number, values: readonly string[]): boolean {
    return this.index.find(values) === row;
  }

  private get hasRoom(): boolean {
    return this.maxSeries === 0 || this.liveCount - (this.overflow < 0 ? 0 : 1) < this.maxSeries;
  }

  private overflowRow(): number {
    if (this.overflow >= 0) return this.overflow;
    const values = Array.from({ length: this.labels }, () => OVERFLOW);
    const row = this.index.find(values);
    this.overflow = row >= 0 ? row : this.add(values);
    return this.overflow;
  }

  private add(values: readonly string[]): number {
    const row = this.spare.pop() ?? this.rowCount++;
    this.index.add(row, values);
    this.uses[row] = 0;
    this.liveCount += 1;
    return row;
  }
}

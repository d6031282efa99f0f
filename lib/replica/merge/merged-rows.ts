import { OVERFLOW } from '../../metrics/series-table.js';
import { SeriesIndex } from '../../store/series-index.js';

/**
 * The rows of a merged family: one for each series that any of the sources has, used again when the last source has lost it.
 */
export class MergedRows {
  /** Every row in use or once used is below this. */
  rowCount = 0;
  /** Grows whenever a series leaves or begins anew. */
  revision = 0;
  private liveCount = 0;
  /** The row of the overflow series, or -1. */
  private overflow = -1;
  private readonly index: SeriesIndex;
  /** How many rows of sources each row is made of. */
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

  /** The row of a series that one more row of a source is part of; that of the overflow series if there is no room. */
  link(values: readonly string[]): number {
    let row = this.index.find(values);
    if (row < 0) row = this.hasRoom ? this.add(values) : this.overflowRow();
    this.uses[row] += 1;
    this.touch(row);
    return row;
  }

  /** A row of a source is no longer part of a row. */
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

  /** The series of a row begins anew in one of its sources. */
  restart(row: number): void {
    this.touch(row);
    this.revision += 1;
  }

  /** The row has to be written anew. */
  touch(row: number): void {
    this.changes += 1;
    this.versions[Math.floor(row / this.groupRows)] = this.changes;
  }

  isOverflow(row: number): boolean {
    return row === this.overflow;
  }

  /** The row of the overflow series if it is among these, or -1. */
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

  /** Whether a row is that of these label values. */
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

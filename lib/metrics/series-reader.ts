import type { GroupReading } from '../model/live-family.js';
import type { RowTable, RowVisitor } from '../store/row-table.js';
import type { RowLayout } from './layout/layout.js';

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

  /** Made once and not for each group: pages of families that have not changed allocate nothing. */
  private readonly visitor: RowVisitor = (cells, index, firstRow, count) => {
    const { into } = this;
    if (into === undefined) return;
    this.layout.read(cells, index, firstRow, count, into.values, into.length);
    into.length += count * this.lines;
  };
}

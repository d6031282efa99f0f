import { ExemplarShelf } from '../../metrics/exemplars.js';
import { type RowLayout, rowLayout } from '../../metrics/layout/rows.js';
import { DescribedFamily, type MergeableFamily } from '../../metrics/mergeable-family.js';
import type { WindowSlice } from '../../metrics/sketch/window.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { GroupReading } from '../../model/live-family.js';
import { NativeReading } from '../../model/native-histogram.js';
import type { CellRange } from '../../store/store.js';
import { MirrorNatives } from './mirror-natives.js';
import { MirrorWindows } from './mirror-windows.js';

/** What a mirrored family needs of the journal that describes it. */
export interface MirrorSource {
  /** Reads on in the journal, which may change this and other families. */
  sync(): void;
  /** The label values in the series' record at a position. */
  labelValues(position: number): readonly string[];
  /** The start of the series there, in milliseconds since the epoch. */
  createdAt(position: number): number;
  /** The writer's `performance.now()`. */
  now(): number;
}

/** A row without a series. No record lies at the beginning of a journal. */
const NONE = 0;

/**
 * A family that another thread records into, read where its cells lie. Its series change only when the journal is read on
 * in `sync`. By then rows may have changed hands while they were read, which the revision shows.
 */
export class MirrorFamily extends DescribedFamily implements MergeableFamily {
  rowCount = 0;

  private readonly rows: MirrorRows;
  private readonly layout: RowLayout;
  /** The exponential buckets of a histogram. */
  private readonly nativeBuckets: MirrorNatives | undefined;
  /** The windows of a summary. */
  private readonly windows: MirrorWindows | undefined;
  /** Where in the journal the series of each row is described. */
  private readonly positions: number[] = [];
  /** Where the values of rows are that the writer is changing in its present turn. */
  private readonly keptRows = new Map<number, CellRange>();
  private readonly exemplars = new ExemplarShelf();
  private readonly versions: number[] = [];
  private changes = 0;
  private removals = 0;
  /** The exponential buckets of the group that was read last, row by row. */
  private readonly natives: NativeReading[] = [];
  private readonly readNative = (row: number, into: NativeReading) => into.copy(this.nativeOf(row));

  constructor(
    descriptor: FamilyDescriptor,
    private readonly source: MirrorSource,
  ) {
    super(descriptor);
    this.rows = new MirrorRows(descriptor.width);
    this.layout = rowLayout(descriptor, (row) => this.windows?.recent(row) ?? []);
    const { layout, shape } = descriptor;
    if (layout.kind === 'quantiles') this.windows = new MirrorWindows(layout, () => source.now());
    // The head follows the buckets and the sum.
    if (layout.kind === 'buckets' && layout.native !== undefined) {
      this.nativeBuckets = new MirrorNatives(layout.native, shape.length - 1);
    }
  }

  get revision(): number {
    return this.removals;
  }

  sync(): void {
    this.source.sync();
  }

  groupVersion(group: number): number {
    return this.versions[group] ?? 0;
  }

  readGroup(group: number, into: GroupReading): void {
    const { groupRows, layout, shape } = this;
    const from = group * groupRows;
    into.begin(from, Math.min(from + groupRows, this.rowCount), shape.length);
    into.version = this.groupVersion(group);
    into.readNative = into.withNative && this.nativeBuckets !== undefined ? this.readNative : undefined;
    for (let row = from, end = from; row < into.to; row = end) {
      const range = this.rangeOf(row);
      end = range === undefined ? row + 1 : this.endOfRun(row, into.to);
      if (range === undefined) continue;
      layout.read(range.cells, range.index, row, end - row, into.values, into.length);
      into.length += (end - row) * shape.length;
      if (into.readNative === undefined) continue;
      for (let native = row, index = range.index; native < end; native++, index += this.descriptor.width) {
        this.nativeBuckets?.read(native, range.cells, index, this.nativeOf(native));
      }
    }
  }

  /** The row behind the last one whose cells follow those of a row, all of them in use. */
  private endOfRun(row: number, to: number): number {
    // Rows that are being changed have their values elsewhere.
    if (this.keptRows.size > 0) return row + 1;
    const stop = Math.min(to, this.rows.endOfBlock(row));
    let end = row + 1;
    while (end < stop && this.isLive(end)) end += 1;
    return end;
  }

  isSet(row: number): boolean {
    const range = this.rangeOf(row);
    return range === undefined || (this.layout.isSet?.(range.cells, range.index) ?? true);
  }

  lastSetAt(row: number): number {
    const range = this.rangeOf(row);
    // The time is in the cell behind the value.
    return range === undefined || this.descriptor.width === 1 ? 0 : range.cells[range.index + 1];
  }

  windowOf(row: number): readonly WindowSlice[] {
    return this.windows?.slices(row) ?? [];
  }

  labelValues(row: number): readonly string[] | undefined {
    const position = this.positions[row] ?? NONE;
    return position === NONE ? undefined : this.source.labelValues(position);
  }

  createdAt(row: number): number {
    const position = this.positions[row] ?? NONE;
    return position === NONE ? 0 : this.source.createdAt(position);
  }

  exemplar(row: number, line: number): Exemplar | undefined {
    return this.exemplars.get(row, line);
  }

  /** What the journal says: rows `firstRow` and following lie in the run. */
  block(firstRow: number, rows: number, run: CellRange): void {
    this.rows.add(firstRow, rows, run);
  }

  /** What the journal says: the row holds the series that is described at the position, or that begins anew there. */
  series(row: number, position: number): void {
    this.forget(row);
    this.positions[row] = position;
    this.rowCount = Math.max(this.rowCount, row + 1);
  }

  /** What the journal says: the values of the row are in the range for now. */
  kept(row: number, range: CellRange): void {
    this.keptRows.set(row, range);
    this.removals += 1;
    this.outdate(row);
  }

  /** What the journal says: the row holds no series any more. */
  removed(row: number): void {
    this.forget(row);
    this.positions[row] = NONE;
  }

  /** What the journal says: a line of the row has another exemplar. */
  putExemplar(row: number, line: number, exemplar: Exemplar): void {
    this.exemplars.put(row, line, exemplar);
    this.outdate(row);
  }

  /** What the journal says: the row has no exemplars any more. */
  forgetExemplars(row: number): void {
    this.exemplars.drop(row);
    this.outdate(row);
  }

  /** What the journal says: the row has further cells. */
  part(row: number, key: readonly number[], run: CellRange): void {
    this.nativeBuckets?.part(row, key, run);
    this.windows?.part(row, key, run);
  }

  /** Forgets everything; the journal is read again from its beginning. */
  clear(): void {
    for (let row = 0; row < this.rowCount; row++) if (this.isLive(row)) this.removed(row);
    this.rows.clear();
    this.keptRows.clear();
    this.rowCount = 0;
  }

  /** Where the cells of a row that holds a series are. */
  private rangeOf(row: number): CellRange | undefined {
    return this.isLive(row) ? (this.keptRows.get(row) ?? this.rows.at(row)) : undefined;
  }

  private isLive(row: number): boolean {
    return (this.positions[row] ?? NONE) !== NONE;
  }

  /** Forgets the series of a row, if it has one. */
  private forget(row: number): void {
    this.keptRows.delete(row);
    if (this.isLive(row)) {
      this.removals += 1;
      this.exemplars.drop(row);
      this.nativeBuckets?.drop(row);
      this.windows?.drop(row);
    }
    this.outdate(row);
  }

  private outdate(row: number): void {
    this.changes += 1;
    this.versions[Math.floor(row / this.groupRows)] = this.changes;
  }

  /** Where the exponential buckets of a row are put when its group is read. */
  private nativeOf(row: number): NativeReading {
    const place = row % this.groupRows;
    this.natives[place] ??= new NativeReading();
    return this.natives[place];
  }
}

/** Where the rows of a family lie, as its journal says. */
export class MirrorRows {
  private readonly blocks: { readonly firstRow: number; readonly rows: number; readonly run: CellRange }[] = [];

  constructor(private readonly width: number) {}

  /** Blocks come in the order of their rows. */
  add(firstRow: number, rows: number, run: CellRange): void {
    this.blocks.push({ firstRow, rows, run });
  }

  clear(): void {
    this.blocks.length = 0;
  }

  /** Where a row's cells are; undefined where the journal has not said so. */
  at(row: number): CellRange | undefined {
    const block = this.blockOf(row);
    return block && { cells: block.run.cells, index: block.run.index + (row - block.firstRow) * this.width };
  }

  /** The row behind the last one of a row's block. */
  endOfBlock(row: number): number {
    const block = this.blockOf(row);
    return block === undefined ? row + 1 : block.firstRow + block.rows;
  }

  private blockOf(row: number) {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { firstRow, rows } = this.blocks[middle];
      if (row < firstRow) high = middle;
      else if (row >= firstRow + rows) low = middle + 1;
      else return this.blocks[middle];
    }
    return undefined;
  }
}

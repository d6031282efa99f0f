import { ExemplarStore } from '../../metrics/exemplars.js';
import { type RowLayout, rowLayout, TICK, TIME } from '../../metrics/layout/rows.js';
import { DescribedFamily, type MergeableFamily } from '../../metrics/mergeable-family.js';
import type { WindowSlice } from '../../metrics/sketch/window.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { Exemplar } from '../../model/exemplar.js';
import { TYPE_RULES } from '../../model/family-types.js';
import type { GroupReading } from '../../model/live-family.js';
import { NativeReading } from '../../model/native-histogram.js';
import type { CellRange } from '../../store/store.js';
import { MirrorNatives } from './mirror-natives.js';
import { MirrorWindows } from './mirror-windows.js';

/** What a mirrored family needs from the journal that describes it. */
export interface MirrorSource {
  /** Reads new records from the journal, which may change this and other families. */
  sync(): void;
  /** The label values of a row in the record at a position, which describes its series. */
  labelValues(position: number, row: number): readonly string[];
  /** The start time of that series, in milliseconds since the epoch. */
  createdAt(position: number, row: number): number;
  /** The writer's `performance.now()`. */
  now(): number;
}

/** A row without a series. Position 0 is never a record: a journal starts with its header. */
const NONE = 0;

/**
 * A family that another thread records in, read directly from its cells. Its series only change when `sync` reads the
 * journal. Until then, rows may have been reused while they were read; the revision shows this.
 */
export class MirrorFamily extends DescribedFamily implements MergeableFamily {
  rowCount = 0;

  private readonly rows: MirrorRows;
  private readonly layout: RowLayout;
  /** The exponential buckets of a histogram. */
  private readonly nativeBuckets: MirrorNatives | undefined;
  /** The windows of a summary. */
  private readonly windows: MirrorWindows | undefined;
  /** Position in the journal of the record that describes each row's series. */
  private readonly positions: number[] = [];
  /** The former values of rows that the writer is changing in its current turn. */
  private readonly keptRows = new Map<number, CellRange>();
  private readonly exemplars = new ExemplarStore();
  private readonly versions: number[] = [];
  private changes = 0;
  private removals = 0;
  /** The exponential buckets of the group read last, by row. */
  private readonly natives: NativeReading[] = [];
  private readonly readNative = (row: number, into = new NativeReading()) => {
    into.copy(this.nativeOf(row));
    return into;
  };

  constructor(
    descriptor: FamilyDescriptor,
    private readonly source: MirrorSource,
  ) {
    super(descriptor);
    this.rows = new MirrorRows(descriptor.width);
    this.layout = rowLayout(descriptor, { sketchesOf: (row) => this.windows?.recent(row) ?? [] });
    const { layout, shape } = descriptor;
    if (layout.kind === 'quantiles') this.windows = new MirrorWindows(layout, () => source.now());
    // The head of the exponential buckets follows the buckets and the sum.
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

  /** Returns the end of the run of live rows whose cells are contiguous with those of `row`. */
  private endOfRun(row: number, to: number): number {
    // The former values of rows that are changing lie elsewhere.
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

  /** Whether a row that may hold no series yet has a value, which a gauge or state set has only once it is set. */
  hasValue(row: number): boolean {
    const range = TYPE_RULES[this.type].valuesAreSet ? this.rows.at(row) : undefined;
    return range === undefined || (this.layout.isSet?.(range.cells, range.index) ?? true);
  }

  lastSetAt(row: number): number {
    return this.cellOf(row, TIME);
  }

  lastSetTick(row: number): number {
    return this.cellOf(row, TICK);
  }

  /** The content of a cell of a row; 0 if its rows have no such cell. */
  private cellOf(row: number, cell: number): number {
    const range = this.rangeOf(row);
    return range === undefined || cell >= this.descriptor.width ? 0 : range.cells[range.index + cell];
  }

  windowOf(row: number): readonly WindowSlice[] {
    return this.windows?.slices(row) ?? [];
  }

  labelValues(row: number): readonly string[] | undefined {
    const position = this.positions[row] ?? NONE;
    return position === NONE ? undefined : this.source.labelValues(position, row);
  }

  createdAt(row: number): number {
    const position = this.positions[row] ?? NONE;
    return position === NONE ? 0 : this.source.createdAt(position, row);
  }

  exemplar(row: number, line: number): Exemplar | undefined {
    return this.exemplars.get(row, line);
  }

  /** Journal record: rows from `firstRow` on are in the range. */
  block(firstRow: number, rows: number, range: CellRange): void {
    this.rows.add(firstRow, rows, range);
  }

  /** Journal record: the row holds the series described at the position, or its series restarts there. */
  series(row: number, position: number): void {
    this.forget(row);
    this.positions[row] = position;
    this.rowCount = Math.max(this.rowCount, row + 1);
  }

  /** Journal record: the values of the row are in the range for now. */
  kept(row: number, range: CellRange): void {
    this.keptRows.set(row, range);
    this.removals += 1;
    this.invalidate(row);
  }

  /** Journal record: the row no longer holds a series. */
  removed(row: number): void {
    this.forget(row);
    this.positions[row] = NONE;
  }

  /** Journal record: a line of the row has a new exemplar. */
  putExemplar(row: number, line: number, exemplar: Exemplar): void {
    this.exemplars.put(row, line, exemplar);
    this.invalidate(row);
  }

  /** Journal record: the row no longer has exemplars. */
  forgetExemplars(row: number): void {
    this.exemplars.drop(row);
    this.invalidate(row);
  }

  /** Journal record: the row has additional cells. */
  part(row: number, key: readonly number[], range: CellRange): void {
    this.nativeBuckets?.part(row, key, range);
    this.windows?.part(row, key, range);
  }

  /** Whether former values of any row are kept because it is changing. */
  get hasKept(): boolean {
    return this.keptRows.size > 0;
  }

  /** Clears everything; the journal will be read again from the start. */
  clear(): void {
    for (let row = 0; row < this.rowCount; row++) if (this.isLive(row)) this.removed(row);
    this.rows.clear();
    this.keptRows.clear();
    this.rowCount = 0;
  }

  /** The cells of a row that holds a series. */
  private rangeOf(row: number): CellRange | undefined {
    return this.isLive(row) ? (this.keptRows.get(row) ?? this.rows.at(row)) : undefined;
  }

  private isLive(row: number): boolean {
    return (this.positions[row] ?? NONE) !== NONE;
  }

  /** Clears the series of a row, if it has one. */
  private forget(row: number): void {
    this.keptRows.delete(row);
    if (this.isLive(row)) {
      this.removals += 1;
      this.exemplars.drop(row);
      this.nativeBuckets?.drop(row);
      this.windows?.drop(row);
    }
    this.invalidate(row);
  }

  private invalidate(row: number): void {
    this.changes += 1;
    this.versions[Math.floor(row / this.groupRows)] = this.changes;
  }

  /** The reading that receives the exponential buckets of a row when its group is read. */
  private nativeOf(row: number): NativeReading {
    const index = row % this.groupRows;
    this.natives[index] ??= new NativeReading();
    return this.natives[index];
  }
}

/** Where the rows of a family are stored, according to its journal. */
export class MirrorRows {
  private readonly blocks: { readonly firstRow: number; readonly rows: number; readonly range: CellRange }[] = [];

  constructor(private readonly width: number) {}

  /** Adds a block. Blocks arrive in row order. */
  add(firstRow: number, rows: number, range: CellRange): void {
    this.blocks.push({ firstRow, rows, range });
  }

  clear(): void {
    this.blocks.length = 0;
  }

  /** The cells of a row, or undefined if the journal has not described it. */
  at(row: number): CellRange | undefined {
    const block = this.blockOf(row);
    return block && { cells: block.range.cells, index: block.range.index + (row - block.firstRow) * this.width };
  }

  /** The row after the last one in a row's block. */
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

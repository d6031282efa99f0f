import { ExemplarShelf } from '../../metrics/exemplars.js';
import { type RowLayout, rowLayout } from '../../metrics/layout/rows.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { FamilyType } from '../../model/family.js';
import type { GroupReading, LiveFamily, SampleShape } from '../../model/live-family.js';
import { NativeReading } from '../../model/native-histogram.js';
import type { CellRange } from '../../store/store.js';
import { MirrorNatives } from './mirror-natives.js';
import { MirrorRows } from './mirror-rows.js';
import { MirrorWindows } from './mirror-windows.js';

/** What a mirrored family needs of the journal that describes it. */
export interface MirrorSource {
  /** Reads on in the journal, which may change this and other families. */
  sync(): void;
  /** Counts how often everything was read anew from the beginning. */
  readonly generation: number;
  /** The label values and the start in the series' record at a position. */
  series(position: number): { readonly createdAt: number; readonly labelValues: readonly string[] };
  /** The writer's `performance.now()`. */
  now(): number;
}

/** Rows come and go while a group is read: how often it is read again before new rows are taken to be at their start. */
const ATTEMPTS = 8;

/** A row without a series. No record lies at the beginning of a journal. */
const NONE = 0;

/**
 * A family that another thread records into, read where its cells lie. It knows what the journal said up to the last
 * time somebody read on in it, which pages do for every group; only then does it change.
 */
export class MirrorFamily implements LiveFamily {
  readonly kind = 'live';
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly shape: readonly SampleShape[];
  readonly groupRows: number;
  rowCount = 0;

  private readonly rows: MirrorRows;
  private readonly layout: RowLayout;
  /** The exponential buckets of a histogram. */
  private readonly nativeBuckets: MirrorNatives | undefined;
  /** The windows of a summary. */
  private readonly windows: MirrorWindows | undefined;
  /** Where in the journal the series of each row is described. */
  private readonly positions: number[] = [];
  /** When series began that have begun anew since they were described. */
  private readonly restarts = new Map<number, number>();
  private readonly exemplars = new ExemplarShelf();
  private readonly versions: number[] = [];
  private changes = 0;
  /** Rows that the journal mentioned since the cells of a group were read. */
  private readonly touched = new Set<number>();
  private isReading = false;
  /** The exponential buckets of the group that was read last, row by row. */
  private readonly natives: NativeReading[] = [];
  private readonly readNative = (row: number, into: NativeReading) => into.copy(this.nativeOf(row));

  constructor(
    about: FamilyDescriptor,
    private readonly source: MirrorSource,
  ) {
    this.name = about.name;
    this.type = about.type;
    this.help = about.help;
    this.unit = about.unit;
    this.labelNames = about.labelNames;
    this.shape = about.shape;
    this.groupRows = about.groupRows;
    this.rows = new MirrorRows(about.width);
    this.layout = rowLayout(about, (row) => this.windows?.recent(row) ?? []);
    const { layout } = about;
    if (layout.kind === 'quantiles') this.windows = new MirrorWindows(layout, () => source.now());
    // The head follows the buckets and the sum.
    if (layout.kind === 'buckets' && layout.native !== undefined) {
      this.nativeBuckets = new MirrorNatives(layout.native, about.shape.length - 1);
    }
  }

  /**
   * Reads the cells first and the journal afterwards: a row that changed hands meanwhile is read again, so that values
   * and labels fit whatever the other thread does.
   */
  readGroup(group: number, into: GroupReading): void {
    const { source, touched } = this;
    const from = group * this.groupRows;
    for (let attempt = 1; ; attempt++) {
      const { generation } = source;
      // Rows that come while this is read need room as well.
      into.begin(from, from + this.groupRows, this.shape.length);
      this.readRows(into);
      touched.clear();
      this.isReading = true;
      source.sync();
      this.isReading = false;
      if (generation !== source.generation) continue;
      if (!this.blank(touched, into) || attempt >= ATTEMPTS) break;
    }
    into.version = this.versions[group] ?? 0;
    into.to = Math.min(from + this.groupRows, this.rowCount);
    into.readNative = into.withNative && this.nativeBuckets !== undefined ? this.readNative : undefined;
    this.closeGaps(into);
  }

  labelValues(row: number): readonly string[] | undefined {
    const position = this.positions[row] ?? NONE;
    return position === NONE ? undefined : this.source.series(position).labelValues;
  }

  createdAt(row: number): number {
    const position = this.positions[row] ?? NONE;
    if (position === NONE) return 0;
    return this.restarts.get(row) ?? this.source.series(position).createdAt;
  }

  exemplar(row: number, line: number): Exemplar | undefined {
    return this.exemplars.get(row, line);
  }

  /** What the journal says: rows `firstRow` and following lie in the run. */
  block(firstRow: number, rows: number, run: CellRange): void {
    this.rows.add(firstRow, rows, run);
  }

  /** What the journal says: the row holds the series that is described at the position. */
  series(row: number, position: number): void {
    this.positions[row] = position;
    this.rowCount = Math.max(this.rowCount, row + 1);
    this.restarts.delete(row);
    this.touch(row);
  }

  /** What the journal says: the series of the row begins anew. */
  restarted(row: number, createdAt: number): void {
    this.restarts.set(row, createdAt);
    this.touch(row);
  }

  /** What the journal says: the row holds no series any more. */
  removed(row: number): void {
    this.positions[row] = NONE;
    this.restarts.delete(row);
    this.exemplars.drop(row);
    this.nativeBuckets?.drop(row);
    this.windows?.drop(row);
    this.touch(row);
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
    this.rowCount = 0;
  }

  private isLive(row: number): boolean {
    return (this.positions[row] ?? NONE) !== NONE;
  }

  private touch(row: number): void {
    this.outdate(row);
    if (this.isReading) this.touched.add(row);
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

  /** Reads the live rows of a group, each to its own place. */
  private readRows({ from, values, withNative }: GroupReading): void {
    const to = Math.min(from + this.groupRows, this.rowCount);
    for (let row = from; row < to; row++) {
      const run = this.isLive(row) ? this.rows.at(row) : undefined;
      if (run === undefined) continue;
      this.layout.read(run.cells, run.index, row, 1, values, (row - from) * this.shape.length);
      if (withNative) this.nativeBuckets?.read(row, run.cells, run.index, this.nativeOf(row));
    }
  }

  /** Sets rows of the group to the start of a series. Returns whether there were any. */
  private blank(rows: Iterable<number>, { from, values, withNative }: GroupReading): boolean {
    let any = false;
    for (const row of rows) {
      if (row < from || row >= from + this.groupRows) continue;
      this.layout.blank(values, (row - from) * this.shape.length);
      if (withNative) this.nativeBuckets?.blank(this.nativeOf(row));
      any = true;
    }
    return any;
  }

  /** Moves the values of live rows together. */
  private closeGaps(into: GroupReading): void {
    const lines = this.shape.length;
    for (let row = into.from; row < into.to; row++) {
      if (!this.isLive(row)) continue;
      const place = (row - into.from) * lines;
      if (place !== into.length) into.values.copyWithin(into.length, place, place + lines);
      into.length += lines;
    }
  }
}

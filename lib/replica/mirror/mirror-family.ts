import { ExemplarShelf } from '../../metrics/exemplars.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { FamilyType } from '../../model/family.js';
import type { LiveFamily, SampleShape } from '../../model/live-family.js';
import { NativeReading } from '../../model/native-histogram.js';
import type { CellRange } from '../../store/store.js';
import { MirrorRows } from './mirror-rows.js';
import { type RowReader, rowReader } from './row-reader.js';

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

/** Rows come and go while a group is read; so often it is read again before what is new is taken to be at its start. */
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
  readonly readNative: ((row: number, into: NativeReading) => void) | undefined;

  private readonly rows: MirrorRows;
  private readonly reader: RowReader;
  /** Where in the journal the series of each row is described. */
  private readonly positions: number[] = [];
  /** When series began that have begun anew since they were described. */
  private readonly restarts = new Map<number, number>();
  private readonly exemplars = new ExemplarShelf();
  private readonly versions: number[] = [];
  private changes = 0;
  /** Rows that the journal spoke of since a picture was taken; undefined when that does not matter. */
  private touched: Set<number> | undefined;
  /** The values of one group, row by row. */
  private readonly picture: Float64Array;
  private pictured = -1;
  /** The exponential buckets of one group, row by row. */
  private readonly natives: NativeReading[] = [];

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
    this.reader = rowReader(about, () => source.now());
    this.picture = new Float64Array(this.groupRows * this.shape.length);
    if (this.reader.natives !== undefined) this.readNative = (row, into) => into.copy(this.nativeOf(row));
  }

  /** Takes a picture of the group that fits the labels, whatever the other thread does meanwhile. */
  groupVersion(group: number): number {
    const { source } = this;
    const touched = new Set<number>();
    this.touched = touched;
    for (let attempt = 1; ; attempt++) {
      const { generation } = source;
      this.takePicture(group);
      touched.clear();
      source.sync();
      if (generation !== source.generation) continue;
      if (!this.blank(touched, group) || attempt >= ATTEMPTS) break;
    }
    this.touched = undefined;
    this.pictured = group;
    return this.versions[group] ?? 0;
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

  readValues(from: number, to: number, into: Float64Array): void {
    const group = Math.floor(from / this.groupRows);
    if (this.pictured !== group) this.groupVersion(group);
    const lines = this.shape.length;
    let at = 0;
    for (let row = from; row < to; row++) {
      if (!this.isLive(row)) continue;
      const place = (row - group * this.groupRows) * lines;
      for (let line = 0; line < lines; line++) into[at++] = this.picture[place + line];
    }
    // Whoever asks again wants the values of then.
    this.pictured = -1;
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
    this.reader.drop(row);
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
    this.reader.part(row, key, run);
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
    this.touched?.add(row);
  }

  private outdate(row: number): void {
    this.changes += 1;
    this.versions[Math.floor(row / this.groupRows)] = this.changes;
  }

  /** Where the picture of the row's group has its exponential buckets. */
  private nativeOf(row: number): NativeReading {
    const place = row % this.groupRows;
    this.natives[place] ??= new NativeReading();
    return this.natives[place];
  }

  private takePicture(group: number): void {
    const from = group * this.groupRows;
    const to = Math.min(from + this.groupRows, this.rowCount);
    for (let row = from; row < to; row++) {
      const run = this.isLive(row) ? this.rows.at(row) : undefined;
      if (run !== undefined) {
        this.reader.read(row, run.cells, run.index, this.picture, (row - from) * this.shape.length);
        this.reader.natives?.read(row, run.cells, run.index, this.nativeOf(row));
      }
    }
  }

  /** Puts rows of the group to their start in the picture; tells whether there were any. */
  private blank(rows: Iterable<number>, group: number): boolean {
    let any = false;
    for (const row of rows) {
      if (Math.floor(row / this.groupRows) !== group) continue;
      this.reader.blank(this.picture, (row % this.groupRows) * this.shape.length);
      this.reader.natives?.blank(this.nativeOf(row));
      any = true;
    }
    return any;
  }
}

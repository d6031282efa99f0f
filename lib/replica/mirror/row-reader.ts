import type { CellLayout, FamilyDescriptor } from '../../model/descriptor.js';
import type { CellRange } from '../../store/store.js';
import { MirrorNatives } from './mirror-natives.js';
import { MirrorWindows } from './mirror-windows.js';

/** Reads the lines of a series out of cells that another thread writes, in the way of one type. */
export interface RowReader {
  read(row: number, cells: Float64Array, index: number, into: Float64Array, at: number): void;
  /** What a series reads as that has just begun. */
  blank(into: Float64Array, at: number): void;
  /** The row has further cells. */
  part(row: number, key: readonly number[], run: CellRange): void;
  /** The row's further cells are not its own any more. */
  drop(row: number): void;
  /** The exponential buckets, where a histogram has them. */
  readonly natives?: MirrorNatives | undefined;
}

/** The reader for a family. `now` is the writer's `performance.now()`. */
export function rowReader(about: FamilyDescriptor, now: () => number): RowReader {
  const { layout: reading, shape, type } = about;
  if (reading.kind === 'buckets') return new BucketReader(shape.length - 2, reading.native);
  if (reading.kind === 'quantiles') return new QuantileReader(reading.ranks, new MirrorWindows(reading, now));
  return new CellReader(shape.length, type === 'stateset' ? 1 : 0);
}

class CellReader implements RowReader {
  constructor(
    private readonly lines: number,
    /** In the first line; the first state is the one at the start. */
    private readonly first: number,
  ) {}

  read(_row: number, cells: Float64Array, index: number, into: Float64Array, at: number): void {
    for (let i = 0; i < this.lines; i++) into[at + i] = cells[index + i];
  }

  blank(into: Float64Array, at: number): void {
    into.fill(0, at, at + this.lines);
    into[at] = this.first;
  }

  part(): void {}
  drop(): void {}
}

class BucketReader implements RowReader {
  readonly natives: MirrorNatives | undefined;

  constructor(
    private readonly buckets: number,
    native: Extract<CellLayout, { kind: 'buckets' }>['native'],
  ) {
    if (native !== undefined) this.natives = new MirrorNatives(native, buckets + 1);
  }

  read(_row: number, cells: Float64Array, index: number, into: Float64Array, at: number): void {
    const { buckets } = this;
    let count = 0;
    for (let i = 0; i < buckets; i++) {
      count += cells[index + i];
      into[at + i] = count;
    }
    into[at + buckets] = cells[index + buckets];
    into[at + buckets + 1] = count;
  }

  blank(into: Float64Array, at: number): void {
    into.fill(0, at, at + this.buckets + 2);
  }

  part(row: number, key: readonly number[], run: CellRange): void {
    this.natives?.part(row, key, run);
  }

  drop(row: number): void {
    this.natives?.drop(row);
  }
}

class QuantileReader implements RowReader {
  constructor(
    private readonly ranks: readonly number[],
    private readonly windows: MirrorWindows,
  ) {}

  read(row: number, cells: Float64Array, index: number, into: Float64Array, at: number): void {
    this.put(this.windows.quantiles(row, this.ranks), cells[index], cells[index + 1], into, at);
  }

  blank(into: Float64Array, at: number): void {
    this.put(
      this.ranks.map(() => Number.NaN),
      0,
      0,
      into,
      at,
    );
  }

  part(row: number, key: readonly number[], run: CellRange): void {
    this.windows.part(row, key, run);
  }

  drop(row: number): void {
    this.windows.drop(row);
  }

  private put(quantiles: readonly number[], sum: number, count: number, into: Float64Array, at: number): void {
    for (let i = 0; i < quantiles.length; i++) into[at + i] = quantiles[i];
    into[at + quantiles.length] = sum;
    into[at + quantiles.length + 1] = count;
  }
}

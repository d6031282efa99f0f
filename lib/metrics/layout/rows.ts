import { type Combine, sum } from '../../model/aggregation.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import { quantilesOf, type Sketch } from '../sketch/sketch.js';

/**
 * Computes the values of a series' lines from its cells. There is one implementation for each kind of `CellLayout`;
 * families read their own cells with it, and mirrors those of another thread.
 */
export interface RowLayout {
  /** Writes the values of `count` neighboring rows, line by line. The first row lies at `cells[index]`. */
  read(cells: Float64Array, index: number, firstRow: number, count: number, into: Float64Array, at: number): void;
  /** Writes the initial values of a series. */
  blank(into: Float64Array, at: number): void;
  /** Writes the initial cells of a series, if they are not all 0. */
  begin?(cells: Float64Array, index: number): void;
  /** Whether a value was ever set, for types whose values are set. Default: true. */
  isSet?(cells: Float64Array, index: number): boolean;
}

/** The content of a cell that was never set. It is read as 0, and can be incremented like 0. */
const NEVER_SET = -0;

/** Cells of a series that stores when it was set: the value, the time in milliseconds since the epoch, and the tick. */
export const TIMED_CELLS = 3;
export const TIME = 1;
export const TICK = 2;

/** Each line is a cell: counters, gauges and state sets. */
export class ScalarLayout implements RowLayout {
  constructor(
    /** Lines of a series. */
    private readonly lines: number,
    /** Initial value of the first line. */
    private readonly initial = 0,
    /** Cells of a series: a gauge may have more, for the time at which it was set. */
    private readonly width = lines,
  ) {}

  read(cells: Float64Array, index: number, _firstRow: number, count: number, into: Float64Array, at: number): void {
    const { lines, width } = this;
    // A cell that was never set reads as 0.
    if (lines === width) {
      const end = index + count * lines;
      for (let from = index, to = at; from < end; from++, to++) into[to] = cells[from] + 0;
      return;
    }
    for (let row = 0, from = index, to = at; row < count; row++, from += width, to += lines) {
      for (let i = 0; i < lines; i++) into[to + i] = cells[from + i] + 0;
    }
  }

  begin(cells: Float64Array, index: number): void {
    cells.fill(NEVER_SET, index, index + this.lines);
    if (this.initial !== 0) cells[index] = this.initial;
  }

  /**
   * The first cell of a state set is initially 1, but setting a state writes all cells, so the second one shows whether
   * it was set.
   */
  isSet(cells: Float64Array, index: number): boolean {
    if (this.initial === 0) return !Object.is(cells[index], NEVER_SET);
    return this.lines === 1 || !Object.is(cells[index + 1], NEVER_SET);
  }

  blank(into: Float64Array, at: number): void {
    into.fill(0, at, at + this.lines);
    into[at] = this.initial;
  }

  /** Merges the values of another source of the same series into those at `at`. Default: their sum. */
  merge(into: Float64Array, at: number, from: Float64Array, fromAt: number, combine: Combine = sum): void {
    for (let i = 0; i < this.lines; i++) into[at + i] = combine(into[at + i], from[fromAt + i]);
  }
}

/**
 * One cell per bucket and one for the sum. The lines are the running totals of the buckets, the sum and the count,
 * which is computed from the buckets.
 */
export class BucketLayout implements RowLayout {
  constructor(
    /** Buckets of a series, `+Inf` included. */
    private readonly buckets: number,
    /** Cells of a series, including those of exponential buckets. */
    private readonly width: number,
  ) {}

  read(cells: Float64Array, index: number, _firstRow: number, count: number, into: Float64Array, at: number): void {
    const { buckets, width } = this;
    for (let row = 0, from = index, to = at; row < count; row++, from += width, to += buckets + 2) {
      let seen = 0;
      for (let i = 0; i < buckets; i++) {
        seen += cells[from + i];
        into[to + i] = seen;
      }
      into[to + buckets] = cells[from + buckets];
      into[to + buckets + 1] = seen;
    }
  }

  blank(into: Float64Array, at: number): void {
    into.fill(0, at, at + this.buckets + 2);
  }

  /**
   * Adds the values of another source of the same series. The sum of running totals is the running total of the sums.
   */
  merge(into: Float64Array, at: number, from: Float64Array, fromAt: number): void {
    for (let i = 0; i < this.buckets + 2; i++) into[at + i] += from[fromAt + i];
  }
}

/** The cells of a summary's series; its quantiles lie in sketches outside of the row. */
export const SUM = 0;
export const COUNT = 1;
export const SUMMARY_CELLS = 2;

/**
 * One cell for the sum and one for the count. The lines are the quantile of each rank, from the sketches of the window,
 * the sum and the count.
 */
export class QuantileLayout implements RowLayout {
  constructor(
    private readonly ranks: readonly number[],
    private readonly sketches: Sketches,
  ) {}

  read(cells: Float64Array, index: number, firstRow: number, count: number, into: Float64Array, at: number): void {
    const { ranks } = this;
    for (let i = 0, from = index, to = at; i < count; i++, from += SUMMARY_CELLS, to += ranks.length + 2) {
      this.write(
        quantilesOf(this.sketches.sketchesOf(firstRow + i), ranks),
        cells[from + SUM],
        cells[from + COUNT],
        into,
        to,
      );
    }
  }

  blank(into: Float64Array, at: number): void {
    into.fill(Number.NaN, at, at + this.ranks.length);
    into.fill(0, at + this.ranks.length, at + this.ranks.length + 2);
  }

  /**
   * Merges several sources of one series. The quantiles are computed from the sketches of all sources; `values` has the
   * lines of each source.
   */
  merge(
    into: Float64Array,
    at: number,
    sources: readonly { readonly sketches: readonly Sketch[]; readonly values: Float64Array; readonly at: number }[],
  ): void {
    const { length } = this.ranks;
    const total = (line: number) => sources.reduce((sum, source) => sum + source.values[source.at + line], 0);
    const quantiles = quantilesOf(
      sources.flatMap(({ sketches }) => sketches),
      this.ranks,
    );
    this.write(quantiles, total(length), total(length + 1), into, at);
  }

  private write(quantiles: readonly number[], sum: number, count: number, into: Float64Array, at: number): void {
    for (let i = 0; i < quantiles.length; i++) into[at + i] = quantiles[i];
    into[at + quantiles.length] = sum;
    into[at + quantiles.length + 1] = count;
  }
}

/** Returns the sketches of a row's window as of now. */
export interface Sketches {
  sketchesOf(row: number): readonly Sketch[];
}

const NO_SKETCHES: Sketches = { sketchesOf: () => [] };

/** The layout of counters and most gauges. */
export const ONE_CELL = new ScalarLayout(1);

/** Returns the layout for a descriptor. */
export function rowLayout(
  { layout, shape, width }: Pick<FamilyDescriptor, 'layout' | 'shape' | 'width'>,
  sketches = NO_SKETCHES,
): ScalarLayout | BucketLayout | QuantileLayout {
  switch (layout.kind) {
    case 'cells':
      if (width === 1 && layout.initial === undefined) return ONE_CELL;
      return new ScalarLayout(shape.length, layout.initial, width);
    case 'buckets':
      return new BucketLayout(shape.length - 2, width);
    case 'quantiles':
      return new QuantileLayout(layout.ranks, sketches);
  }
}

import { quantilesOf } from '../sketch/quantiles.js';
import type { Sketch } from '../sketch/sketch.js';
import type { RowLayout } from './layout.js';

/** The cells of a summary's series; its quantiles lie in sketches outside of the row. */
export const SUM = 0;
export const COUNT = 1;
export const SUMMARY_CELLS = 2;

/** A cell for the sum and one for the count; a line for each rank from the sketches of the window, then these two. */
export class QuantileLayout implements RowLayout {
  constructor(
    private readonly ranks: readonly number[],
    /** The sketches of the window of a row as of now. */
    private readonly sketchesOf: (row: number) => readonly Sketch[],
  ) {}

  read(cells: Float64Array, index: number, firstRow: number, count: number, into: Float64Array, at: number): void {
    const { ranks } = this;
    for (let i = 0, from = index, to = at; i < count; i++, from += SUMMARY_CELLS, to += ranks.length + 2) {
      this.write(quantilesOf(this.sketchesOf(firstRow + i), ranks), cells[from + SUM], cells[from + COUNT], into, to);
    }
  }

  blank(into: Float64Array, at: number): void {
    into.fill(Number.NaN, at, at + this.ranks.length);
    into.fill(0, at + this.ranks.length, at + this.ranks.length + 2);
  }

  /**
   * Merges several sources of one series: the quantiles are those of all their observations, which only the sketches
   * can tell. `values` has the lines of each source.
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

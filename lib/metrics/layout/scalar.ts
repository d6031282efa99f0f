import { type Combine, type RowLayout, sum } from './layout.js';

/** Each line is a cell: counters, gauges and state sets. */
export class ScalarLayout implements RowLayout {
  constructor(
    /** Lines, and cells, of a series. */
    private readonly lines: number,
    /** The value of the first line when a series begins. */
    private readonly initial = 0,
  ) {}

  read(cells: Float64Array, index: number, _firstRow: number, count: number, into: Float64Array, at: number): void {
    const end = index + count * this.lines;
    for (let from = index, to = at; from < end; from++, to++) into[to] = cells[from];
  }

  /** Writes the values that a series has when it begins; as each line is a cell, also its cells. */
  blank(into: Float64Array, at: number): void {
    into.fill(0, at, at + this.lines);
    into[at] = this.initial;
  }

  /** Merges the values of another source of the same series into those at `at`. Default: their sum. */
  merge(into: Float64Array, at: number, from: Float64Array, fromAt: number, combine: Combine = sum): void {
    for (let i = 0; i < this.lines; i++) into[at + i] = combine(into[at + i], from[fromAt + i]);
  }
}

import { type SeriesIndex, UNKNOWN } from './series-index.js';

/** Finds rows by some of the labels; the values of the others are looked up only once. */
export class CurriedIndex {
  /** The tuple that is looked up; it keeps the numbers of the curried values. */
  private readonly sought: Int32Array;
  private readonly fixed: readonly number[];
  private readonly left: readonly number[];
  private readonly last: number;
  /** If one label is left: the rows found since the last removal, by its value. */
  private readonly rows = new Map<unknown, number>();
  private sum = 0;
  /**
   * The index's `removals` when the curried values were looked up: after a removal, a number may stand for another
   * string.
   */
  private removals = -1;

  constructor(
    private readonly index: SeriesIndex,
    /** By position; undefined if the value is looked up each time. */
    private readonly curried: readonly (string | undefined)[],
  ) {
    this.sought = new Int32Array(curried.length).fill(UNKNOWN);
    const positions = curried.map((_, position) => position);
    this.fixed = positions.filter((position) => curried[position] !== undefined);
    this.left = positions.filter((position) => curried[position] === undefined);
    this.last = this.left[this.left.length - 1] ?? 0;
  }

  /** Returns the row of the series with these values of the remaining labels, or -1. */
  find(labelValues: readonly string[]): number {
    const { index, sought, left } = this;
    const { dictionaries, factors } = index;
    if (this.removals !== index.removals && !this.resolve()) return -1;
    let { sum } = this;
    for (let i = 0; i < left.length; i++) {
      const position = left[i];
      const number = dictionaries[position].numbers.get(labelValues[i]);
      if (number === undefined) return -1;
      sought[position] = number;
      sum = (sum + Math.imul(number, factors[position])) | 0;
    }
    return index.rowOfTuple(sought, sum);
  }

  /** The same if one label is left. Its value may be a number for which `remember` was called. */
  findOne(value: unknown): number {
    if (this.removals === this.index.removals) {
      const row = this.rows.get(value);
      if (row !== undefined) return row;
    }
    return this.findFirst(value);
  }

  private findFirst(value: unknown): number {
    const { index, sought, last, rows } = this;
    if (this.removals !== index.removals) {
      rows.clear();
      if (!this.resolve()) return -1;
    }
    const number = index.dictionaries[last].numbers.get(value);
    if (number === undefined) return -1;
    sought[last] = number;
    const row = index.rowOfTuple(sought, (this.sum + Math.imul(number, index.factors[last])) | 0);
    if (row >= 0) rows.set(value, row);
    return row;
  }

  /** Makes a value of a remaining label found by the JavaScript number whose string it is. */
  remember(position: number, value: number, text: string): void {
    this.index.remember(this.left[position], value, text);
  }

  /** Looks the curried values up again; false if no series has one of them. */
  private resolve(): boolean {
    const { dictionaries, factors, removals } = this.index;
    this.sum = 0;
    for (const position of this.fixed) {
      const number = dictionaries[position].numbers.get(this.curried[position] ?? '');
      this.sought[position] = number ?? UNKNOWN;
      if (number === undefined) return false;
      this.sum = (this.sum + Math.imul(number, factors[position])) | 0;
    }
    this.removals = removals;
    return true;
  }
}

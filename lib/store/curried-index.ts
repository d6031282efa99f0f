import type { SeriesIndex } from './series-index.js';

/** Finds rows by some of the labels while the values of the others are given once: one look-up less for each. */
export class CurriedIndex {
  /** The tuple that is looked for; the numbers of the given values stay in it. */
  private readonly sought: Int32Array;
  private readonly fixed: readonly number[];
  private readonly left: readonly number[];
  private sum = 0;

  constructor(
    private readonly index: SeriesIndex,
    /** By position; undefined where the value is looked up each time. */
    private readonly given: readonly (string | undefined)[],
  ) {
    this.sought = new Int32Array(given.length).fill(-1);
    const positions = given.map((_, position) => position);
    this.fixed = positions.filter((position) => given[position] !== undefined);
    this.left = positions.filter((position) => given[position] === undefined);
  }

  /** The row of the series with these values of the labels that are left, or -1. */
  find(texts: readonly string[]): number {
    const { index, given, sought, fixed, left } = this;
    const { dictionaries, factors } = index;
    // A number stands for another text once the series that used it are gone.
    for (let i = 0; i < fixed.length; i++) {
      const position = fixed[i];
      if (dictionaries[position].textOf(sought[position]) !== given[position] && !this.resolve()) return -1;
    }
    let { sum } = this;
    for (let i = 0; i < left.length; i++) {
      const position = left[i];
      const number = dictionaries[position].numbers.get(texts[i]);
      if (number === undefined) return -1;
      sought[position] = number;
      sum = (sum + Math.imul(number, factors[position])) | 0;
    }
    return index.rowOfTuple(sought, sum);
  }

  /** Looks the given values up anew; false if no series has one of them. */
  private resolve(): boolean {
    const { dictionaries, factors } = this.index;
    this.sum = 0;
    for (const position of this.fixed) {
      const number = dictionaries[position].numbers.get(this.given[position] ?? '');
      this.sought[position] = number ?? -1;
      if (number === undefined) return false;
      this.sum = (this.sum + Math.imul(number, factors[position])) | 0;
    }
    return true;
  }
}

import { keyOf, scaleOf, upperBound } from '../../model/exponential.js';
import type { CellRange, Store } from '../../store/store.js';
import { Pages } from './pages.js';

/**
 * 32 buckets an octave: a value is at most (2^(1/32) - 1) / (2^(1/32) + 1) = 1.083 % from the middle that stands for
 * its bucket.
 */
export const SKETCH_SCALE = scaleOf(5);

/** So many values are kept as they came; up to there quantiles are exact. */
export const EXACT = 16;

/** The head of a sketch in cells: count, zeros, the slice of a window that it holds, then the values as they came. */
const COUNT = 0;
const ZEROS = 1;
const SLICE = 2;
const VALUES = 3;

/** Takes cells of a sketch. The key says which they are: `[HEAD]`, or a sign and the number of a page. */
export type PartVisitor = (key: readonly number[], run: CellRange) => void;

const HEAD = 0;
const POSITIVE = 1;
const NEGATIVE = 2;

/**
 * Counts values by size, in cells: the buckets of a native histogram of schema 5, and the first values. Adding is O(1). Sketches add up: the sum of two is the sketch of all values of both.
 */
export class Sketch {
  private readonly positive: Pages;
  private readonly negative: Pages;

  constructor(
    private readonly store: Store,
    private readonly head: CellRange = store.allocate(VALUES + EXACT),
  ) {
    this.positive = new Pages(store, SKETCH_SCALE.schema);
    this.negative = new Pages(store, SKETCH_SCALE.schema);
  }

  get count(): number {
    return this.head.cells[this.head.index + COUNT];
  }

  /** Which slice of a window this is. */
  get slice(): number {
    return this.head.cells[this.head.index + SLICE];
  }

  set slice(slice: number) {
    this.head.cells[this.head.index + SLICE] = slice;
  }

  /** Counts one finite value. */
  add(value: number): void {
    const { cells, index } = this.head;
    const count = cells[index + COUNT];
    if (count < EXACT) cells[index + VALUES + count] = value;
    if (value > 0) this.positive.add(keyOf(SKETCH_SCALE, value));
    else if (value < 0) this.negative.add(keyOf(SKETCH_SCALE, -value));
    else cells[index + ZEROS] += 1;
    cells[index + COUNT] = count + 1;
  }

  /** Counts all values of another sketch. */
  addAll(other: Sketch): void {
    const { cells, index } = this.head;
    const [own, values] = [this.exactValues(), other.exactValues()];
    // Beyond this many, the values as they came say nothing.
    if (own !== undefined && values !== undefined && own.length + values.length <= EXACT) {
      cells.set(values, index + VALUES + own.length);
    }
    cells[index + COUNT] += other.count;
    cells[index + ZEROS] += other.head.cells[other.head.index + ZEROS];
    other.positive.visit((key, count) => this.positive.set(key, this.positive.get(key) + count));
    other.negative.visit((key, count) => this.negative.set(key, this.negative.get(key) + count));
  }

  /** Forgets everything; the cells are kept for what comes. */
  clear(): void {
    if (this.count === 0) return;
    const { cells, index } = this.head;
    cells.fill(0, index, index + SLICE);
    cells.fill(0, index + VALUES, index + VALUES + EXACT);
    this.positive.clear();
    this.negative.clear();
  }

  /** Gives all cells back. The sketch is not to be used afterwards. */
  release(): void {
    this.store.release(this.head, VALUES + EXACT);
    this.positive.release();
    this.negative.release();
  }

  /** Visits all cells there are and, as they are made, those that come. */
  describe(visitor: PartVisitor): void {
    visitor([HEAD], this.head);
    for (const [sign, pages] of [[POSITIVE, this.positive] as const, [NEGATIVE, this.negative] as const]) {
      pages.opened = (number, page) => visitor([sign, number], page);
      pages.forEachPage(pages.opened);
    }
  }

  /** Visits the cells there are, with their number; the keys are those of `describe`. */
  visitParts(visitor: (key: readonly number[], run: CellRange, length: number) => void): void {
    visitor([HEAD], this.head, VALUES + EXACT);
    for (const [sign, pages] of [[POSITIVE, this.positive] as const, [NEGATIVE, this.negative] as const]) {
      pages.forEachPage((number, page) => visitor([sign, number], page, pages.pageLength));
    }
  }

  /** Adds a page that `describe` reported elsewhere, to read it here. */
  adopt([sign, number]: readonly number[], page: CellRange): void {
    (sign === POSITIVE ? this.positive : this.negative).put(number, page);
  }

  /** The values as they came, or undefined where there were too many to keep. */
  exactValues(): readonly number[] | undefined {
    const { cells, index } = this.head;
    const { count } = this;
    return count > EXACT ? undefined : Array.from(cells.subarray(index + VALUES, index + VALUES + count));
  }

  /** Adds this sketch's counts to those of others: a middle value of each bucket, and how many fell there. */
  addTo(counts: Map<number, number>): void {
    const zeros = this.head.cells[this.head.index + ZEROS];
    if (zeros > 0) addCount(counts, 0, zeros);
    this.positive.visit((key, count) => addCount(counts, middleOf(key), count));
    this.negative.visit((key, count) => addCount(counts, -middleOf(key), count));
  }
}

/** A sketch that reads cells which another thread or process writes, as `describe` reported them, head first. */
export function adoptSketch(sketch: Sketch | undefined, key: readonly number[], run: CellRange): Sketch | undefined {
  if (key[0] === HEAD) return new Sketch(nowhere, run);
  sketch?.adopt(key, run);
  return sketch;
}

/** Readers make no cells. */
const nowhere: Store = {
  allocate: (count) => ({ cells: new Float64Array(count), index: 0 }),
  release() {},
};

/** The value whose relative distance to both ends of the bucket is the same. */
function middleOf(key: number): number {
  // Not from both bounds: their sum or product need not be finite, and subnormals would be rounded twice.
  return upperBound(SKETCH_SCALE, key) * MIDDLE;
}

/** Where the middle of a bucket lies, as a part of its upper bound. */
const MIDDLE = 2 / (1 + 2 ** (1 / SKETCH_SCALE.perOctave));

function addCount(counts: Map<number, number>, value: number, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count);
}

/**
 * The value of each rank (0 to 1) of all observations in some sketches, NaN where there are none; exact as long as all
 * of them have few.
 */
export function quantilesOf(all: readonly Sketch[], ranks: readonly number[]): number[] {
  const sketches = all.filter((sketch) => sketch.count > 0);
  const exact = sketches.map((sketch) => sketch.exactValues());
  const counts = new Map<number, number>();
  if (exact.every((values): values is readonly number[] => values !== undefined)) {
    for (const value of exact.flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
  } else for (const sketch of sketches) sketch.addTo(counts);
  return atRanks(counts, ranks);
}

/** Nearest rank: the least value that at least `rank` of all observations do not exceed. */
function atRanks(counts: ReadonlyMap<number, number>, ranks: readonly number[]): number[] {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  return ranks.map((rank) => {
    // 0.07 of 100 is a bit more than 7 in floating point, and must not become the eighth value.
    const wanted = Math.max(1, Math.ceil(rank * total * (1 - Number.EPSILON)));
    let seen = 0;
    for (const [value, count] of sorted) {
      seen += count;
      if (seen >= wanted) return value;
    }
    return Number.NaN;
  });
}
